import { backOff, UPPER_HALF } from '../domain/time/back-off.js';

/** How long to wait between attempts at one job. */
export interface RetryPace {
  /** Milliseconds before the second attempt, doubled for each one after. */
  readonly firstMs: number;
  /** Longest wait in milliseconds, also for what the other side asks. */
  readonly lastMs: number;
}

/**
 * Exponential backoff with jitter over its upper half, so that jobs which failed together come back apart.
 *
 * @param attemptsMade - attempts that failed so far, at least 1
 * @param askedMs - what the other side asked us to wait (Retry-After): never less than that, up to `lastMs`
 * @param random - in [0, 1)
 * @returns whole milliseconds, at least 1
 */
export function retryDelay(
  pace: RetryPace,
  attemptsMade: number,
  askedMs: number | undefined,
  random: number,
): number {
  const jittered = backOff({ ...pace, spread: UPPER_HALF }, Math.max(1, attemptsMade), random);
  const asked = askedMs === undefined || !Number.isFinite(askedMs) ? 0 : Math.min(askedMs, pace.lastMs);
  return Math.max(1, Math.round(Math.max(jittered, asked)));
}
