import { ExpectedFailure } from '../../../src/domain/failure.js';
import { type BackOff, backOff } from '../../../src/domain/time/back-off.js';
import type { Clock } from '../../../src/ports/process/clock.js';

/** How long a message waits for a database or queue that is out of reach. */
export const ACCEPT_PATIENCE_MS = 60_000;
const PACE: BackOff = { firstMs: 500, lastMs: 8_000 };

/**
 * Tries again what fails for a reason that may pass: nobody else would hand this message in again.
 *
 * @param until - milliseconds since 1970 after which the failure is handed on
 * @throws what `work` threw last; `signal.reason` on abort
 */
export async function patiently<T>(
  work: () => Promise<T>,
  until: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const passing = error instanceof ExpectedFailure && error.retryable;
      const wait = backOff(PACE, failures);
      if (!passing || clock.now() + wait > until) throw error;
      await clock.sleep(wait, signal);
    }
  }
}
