import { HOUR_MS } from '../../../src/domain/time/duration.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';

/** After this long a feature that was missing is tried again: an app's settings may have changed. */
const TRY_AGAIN_MS = HOUR_MS;

/** Whether a workspace has a method that not every workspace has. Assumed, until Slack says otherwise. */
export class Capability {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #absentUntil = 0;

  constructor(name: string, clock: Clock, log: Log) {
    this.#name = name;
    this.#clock = clock;
    this.#log = log;
  }

  get present(): boolean {
    return this.#clock.now() >= this.#absentUntil;
  }

  /** @param code - what Slack refused it with */
  markAbsent(code: string): void {
    if (this.#absentUntil === 0)
      this.#log.info({ feature: this.#name, code }, 'Slack does without a feature here');
    this.#absentUntil = this.#clock.now() + TRY_AGAIN_MS;
  }
}
