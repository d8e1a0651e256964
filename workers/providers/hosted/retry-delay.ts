import { ExpectedFailure } from '../../../src/domain/failure.js';
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
  const step = Math.min(limits.backoffMs * 2 ** (tries - 1), limits.backoffCapMs);
  const wait = Math.max(step / 2 + (step / 2) * random, error.retryAfterMs ?? 0);
  return spentMs + wait <= limits.retryWithinMs ? Math.round(wait) : null;
}
