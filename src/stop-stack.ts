import type { Log } from './ports/log.js';

/** Closes what was opened, the last first. One that fails or hangs does not keep the others from closing. */
export class StopStack {
  readonly #log: Log;
  readonly #limitMs: number;
  readonly #stops: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  /** @param limitMs - longest wait for one of them */
  constructor(log: Log, limitMs = 15_000) {
    this.#log = log;
    this.#limitMs = limitMs;
  }

  add(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  /** May be called twice: the second call waits for the first. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(resolve, this.#limitMs, 'late');
      });
      try {
        if ((await Promise.race([stop(), late])) === 'late')
          this.#log.warn({ limitMs: this.#limitMs }, 'not closed in time');
      } catch (error) {
        this.#log.warn({ err: error }, 'not closed cleanly');
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
