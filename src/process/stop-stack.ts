import type { Log } from '../ports/process/log.js';
import { ended } from './time-limit.js';

/** What everything together has to close, in ms, beside the time that replies get to finish. */
export const CLOSE_MS = 15_000;

/** Closes what was opened, the last first. One that fails or hangs does not keep the others from closing. */
export class StopStack {
  readonly #log: Log;
  readonly #limitMs: number;
  readonly #allMs: number;
  readonly #stops: { readonly stop: () => Promise<void>; readonly limitMs: number }[] = [];
  #running: Promise<void> | undefined;

  /**
   * @param allMs - longest wait for all of them together: those left then are told to close, and not waited for
   * @param limitMs - longest wait for one that names no limit of its own
   */
  constructor(log: Log, allMs: number, limitMs = allMs) {
    this.#log = log;
    this.#allMs = allMs;
    this.#limitMs = limitMs;
  }

  add(stop: () => Promise<void>, limitMs = this.#limitMs): void {
    this.#stops.push({ stop, limitMs });
  }

  /** May be called twice: the second call waits for the first. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const deadline = performance.now() + this.#allMs;
    for (let next = this.#stops.pop(); next; next = this.#stops.pop()) {
      const limitMs = Math.max(0, Math.min(next.limitMs, deadline - performance.now()));
      if (!(await ended(this.#close(next.stop), limitMs)))
        this.#log.warn({ limitMs: Math.round(limitMs) }, 'not closed in time');
    }
  }

  async #close(stop: () => Promise<void>): Promise<void> {
    try {
      await stop();
    } catch (error) {
      this.#log.warn({ err: error }, 'not closed cleanly');
    }
  }
}
