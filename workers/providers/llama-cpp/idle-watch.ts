import type { Clock } from '../../../src/ports/process/clock.js';

/** Tells when something that several use at once has not been used for a while. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #afterMs: number;
  readonly #onIdle: () => void;
  #users = 0;
  #waiting = new AbortController();

  /** @param onIdle - called once after each use that no other followed within `afterMs` */
  constructor(clock: Clock, afterMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#onIdle = onIdle;
  }

  /** Counts as a use until the returned function is called. */
  enter(): () => void {
    this.#waiting.abort();
    this.#users++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#users--;
      if (this.#users === 0) this.#wait();
    };
  }

  /** Tells nothing more of what was used so far. */
  stop(): void {
    this.#waiting.abort();
  }

  #wait(): void {
    this.#waiting = new AbortController();
    this.#clock.sleep(this.#afterMs, this.#waiting.signal).then(this.#onIdle, () => undefined);
  }
}
