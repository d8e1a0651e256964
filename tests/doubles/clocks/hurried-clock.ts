import type { Clock } from '../../../src/ports/process/clock.js';
import { systemClock } from '../../../src/process/system-clock.js';

/** Time that runs `times` as fast as the machine's, and can be put forward. */
export class HurriedClock implements Clock {
  readonly #times: number;
  readonly #begin = systemClock.now();
  #ahead = 0;

  constructor(times: number) {
    this.#times = times;
  }

  now(): number {
    return Math.floor(this.#begin + (systemClock.now() - this.#begin) * this.#times + this.#ahead);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#times, signal);
  }

  shift(ms: number): void {
    this.#ahead += ms;
  }
}
