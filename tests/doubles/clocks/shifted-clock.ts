import type { Clock } from '../../../src/ports/process/clock.js';
import { systemClock } from '../../../src/process/system-clock.js';

/** Real time that a test can put forward; waits are as long as they say. */
export class ShiftedClock implements Clock {
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  shift(ms: number): void {
    this.#ahead += ms;
  }
}
