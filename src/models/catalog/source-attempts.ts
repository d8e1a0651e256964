import { ExpectedFailure } from '../../domain/failure.js';
import type { ModelSource } from '../../domain/models/model-entry.js';
import type { Log } from '../../ports/process/log.js';
import { describeSource } from './source-file.js';

/** Tries the sources of one model, and keeps why those failed that did. */
export class SourceAttempts {
  readonly #model: string;
  readonly #log: Log;
  readonly #reasons = new Map<string, string>();
  readonly #told = new Set<string>();

  constructor(model: string, log: Log) {
    this.#model = model;
    this.#log = log;
  }

  get reasons(): readonly string[] {
    return [...this.#reasons.values()];
  }

  /** What `get` gives; null, with the reason kept, where it fails as `model-missing`. */
  async try<File>(source: ModelSource, get: () => Promise<File | null>): Promise<File | null> {
    try {
      const file = await get();
      if (file !== null) this.tell();
      else if (source.type === 'file') this.#absent(source.path);
      return file;
    } catch (error) {
      if (!(error instanceof ExpectedFailure) || error.kind !== 'model-missing') throw error;
      this.#reasons.set(describeSource(source), error.message);
      return null;
    }
  }

  /** Logs the reasons so far, each once. For when there is another source: what failed last is in the failure thrown. */
  tell(): void {
    for (const [from, reason] of this.#reasons) {
      if (!this.#told.has(from))
        this.#log.warn({ model: this.#model, from, reason }, 'a model source failed');
      this.#told.add(from);
    }
  }

  /** A file that is not there is for the failure alone: the next source stands in for it as it should. */
  #absent(path: string): void {
    this.#reasons.set(path, `${path} does not exist`);
    this.#told.add(path);
  }
}
