import type { ModelAction, ModelCheck } from '../../domain/models/model-report.js';
import type { DownloadProgress, OnProgress } from '../download/download-progress.js';

/** What goes on with one model in this process, and how the last of it went. */
export interface Activity {
  /** The order that is being carried out. */
  readonly doing: ModelAction | null;
  /** How far getting its file is, whoever asked for it; null where nobody gets it. */
  readonly transfer: DownloadProgress | null;
  /** How far reading its whole file is, 0 to 1; null where nobody reads it. */
  readonly reading: number | null;
  readonly problem: string | null;
  /** The problem keeps the model from being used, unless it is loaded. */
  readonly failed: boolean;
  readonly checked: ModelCheck | null;
}

const NOTHING: Activity = {
  doing: null,
  transfer: null,
  reading: null,
  problem: null,
  failed: false,
  checked: null,
};

/** Keeps what goes on with each model, for reports. */
export class ModelActivity {
  readonly #known = new Map<string, Activity>();

  of(alias: string): Activity {
    return this.#known.get(alias) ?? NOTHING;
  }

  change(alias: string, change: Partial<Activity>): void {
    this.#known.set(alias, { ...this.of(alias), ...change });
  }

  /** Runs what gets a model's file, which tells how far it is. */
  async transfer<Result>(alias: string, get: (onProgress: OnProgress) => Promise<Result>): Promise<Result> {
    try {
      return await get((progress) => this.change(alias, { transfer: this.#after(alias, progress) }));
    } finally {
      this.change(alias, { transfer: null });
    }
  }

  /** A model was loaded, or not. @param problem - one sentence on why not */
  loaded(alias: string, problem: string | null): void {
    this.change(alias, { problem, failed: problem !== null });
  }

  #after(alias: string, progress: DownloadProgress): DownloadProgress | null {
    const { transfer } = this.of(alias);
    // Who waits may wait for another request of this process, which tells more.
    if (progress.phase === 'waiting') return transfer ?? progress;
    // A file that was here is read before it is used: that is no transfer.
    return progress.phase === 'verifying' && transfer === null ? null : progress;
  }
}
