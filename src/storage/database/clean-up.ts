import type { Log } from '../../ports/process/log.js';

type Step = () => Promise<unknown>;

/** What must be undone at the end, the newest first, whatever fails on the way. */
export class CleanUp {
  readonly #log: Log;
  readonly #steps: Step[] = [];
  #done: Promise<void> | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  add(step: Step): void {
    this.#steps.push(step);
  }

  /** Runs each step once, however often it is called. */
  run(): Promise<void> {
    this.#done ??= this.#runAll();
    return this.#done;
  }

  async #runAll(): Promise<void> {
    for (const step of this.#steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        this.#log.warn({ error }, 'a part of the database did not close');
      }
    }
  }
}
