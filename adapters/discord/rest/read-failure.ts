import { DiscordAPIError, HTTPError, RateLimitError } from '@discordjs/rest';
import type { DeliveryFailureReason } from '../../../src/domain/failure.js';

/** What a failed REST request means for us. */
export interface DiscordFailure {
  /** `token-expired`: an interaction's token, not the bot's. */
  readonly reason: DeliveryFailureReason | 'token-expired';
  /** Discord's error code, 0 where it gave none. */
  readonly code: number;
  /** Milliseconds Discord asked us to wait. */
  readonly retryAfterMs?: number;
  /** The request may have had its effect although no answer says so. */
  readonly ambiguous: boolean;
}

/** JSON error codes by what they mean here; others go by their HTTP status. */
const REASON_BY_CODE: ReadonlyMap<number, DiscordFailure['reason']> = new Map([
  [10003, 'gone'], // unknown channel
  [10008, 'gone'], // unknown message
  [10015, 'token-expired'], // unknown webhook: the interaction is not known any more
  [10062, 'token-expired'], // unknown interaction
  [50027, 'token-expired'], // invalid webhook token, sent with status 401
  [50001, 'forbidden'], // missing access
  [50007, 'forbidden'], // the person takes no direct messages
  [50013, 'forbidden'], // missing permissions
  [50278, 'forbidden'], // no server in common any more
  [160005, 'forbidden'], // thread locked
  [160002, 'rejected'], // no replies without the right to read the history: posted without a reference
  [20016, 'unavailable'], // slow mode
  [40062, 'unavailable'], // the resource is being rate limited
  [130000, 'unavailable'], // Discord is overloaded
]);

/**
 * Reads an error of `REST.request`.
 *
 * @returns null where it is no failure of the request: a bug
 */
export function readFailure(error: unknown): DiscordFailure | null {
  if (error instanceof RateLimitError) {
    const retryAfterMs = Math.max(error.timeToReset, error.retryAfter, error.sublimitTimeout, 0);
    return { reason: 'unavailable', code: 0, retryAfterMs, ambiguous: false };
  }
  if (error instanceof DiscordAPIError) {
    const code = Number(error.code) || 0;
    const reason = REASON_BY_CODE.get(code) ?? reasonByStatus(error.status);
    return { reason, code, ambiguous: false };
  }
  if (error instanceof HTTPError) return { reason: 'unavailable', code: 0, ambiguous: true };
  if (!(error instanceof Error)) return null;
  // A connection that was never made sent nothing.
  const refused = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];
  const code = networkCode(error);
  if (code === null) return null;
  return { reason: 'unavailable', code: 0, ambiguous: !refused.includes(code) };
}

/** The code of a network error, of it or what caused it; `ABORTED` where the request's time ran out. */
function networkCode(error: Error): string | null {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'ABORTED';
  if ('code' in error && typeof error.code === 'string' && /^(UND_ERR_|E[A-Z_]+$)/.test(error.code)) {
    return error.code;
  }
  return error.cause instanceof Error ? networkCode(error.cause) : null;
}

function reasonByStatus(status: number): DeliveryFailureReason {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'gone';
  if (status === 429 || status >= 500) return 'unavailable';
  return 'rejected';
}
