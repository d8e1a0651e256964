import { ExpectedFailure } from '../../../src/domain/failure.js';
import { backOff, UPPER_HALF } from '../../../src/domain/time/back-off.js';
import type { HostedLimits } from './hosted-limits.js';

/**
 * How long to wait before the next try, or null to give up and let the fallback answer.
 *
 * @param tries - tries made so far, at least 1
 * @param spentMs - since the request was taken up
 * @param random - in [0, 1)
 */
export function retryDelay(
  error: unknown,
  tries: number,
  spentMs: number,
  limits: HostedLimits,
  random: number,
): number | null {
  if (!(error instanceof ExpectedFailure) || !error.retryable || tries > limits.retries) return null;
  const pace = { firstMs: limits.backoffMs, lastMs: limits.backoffCapMs, spread: UPPER_HALF };
  const wait = Math.max(backOff(pace, tries, random), error.retryAfterMs ?? 0);
  return spentMs + wait <= limits.retryWithinMs ? Math.round(wait) : null;
}
