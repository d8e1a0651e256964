import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { type DeliveryFailureReason, ExpectedFailure } from '../../../src/domain/failure.js';

/** What became of a call that failed. */
export type CallFailure =
  /** Slack answered `ok: false`: nothing was applied. */
  | { readonly type: 'refused'; readonly code: string }
  /** Slack asks to wait: nothing was applied. `retryAfterMs` where it said how long. */
  | { readonly type: 'rate-limited'; readonly retryAfterMs: number | undefined }
  /** Nobody knows whether it was applied: 5xx, a dropped connection, a time limit. */
  | { readonly type: 'unknown'; readonly cause: unknown };

/** Where Slack names no time to wait after a 429. */
export const DEFAULT_WAIT_MS = 5_000;

/** Codes that mean the token is dead, for good or until a person acts. */
const DEAD_TOKEN: ReadonlySet<string> = new Set([
  'account_inactive',
  'app_uninstalled',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
  'team_disabled',
  'user_removed_from_team',
]);

const REASONS: Readonly<Record<string, DeliveryFailureReason>> = {
  message_not_found: 'gone',
  thread_not_found: 'gone',
  channel_not_found: 'gone',
  is_archived: 'gone',
  cant_update_message: 'gone',
  edit_window_closed: 'gone',
  not_in_channel: 'forbidden',
  restricted_action: 'forbidden',
  restricted_action_thread_locked: 'forbidden',
  restricted_action_read_only_channel: 'forbidden',
  restricted_action_non_threadable_channel: 'forbidden',
  missing_scope: 'forbidden',
  no_permission: 'forbidden',
  access_denied: 'forbidden',
  ekm_access_denied: 'forbidden',
  streaming_state_conflict: 'unavailable',
  fatal_error: 'unavailable',
  internal_error: 'unavailable',
  service_unavailable: 'unavailable',
  request_timeout: 'unavailable',
};

/** True where the code means that no call with this token will work. */
export function isDeadToken(code: string): boolean {
  return DEAD_TOKEN.has(code);
}

/**
 * Reads an error of the SDK.
 *
 * @throws `error` itself where it is none of a call; the failure that kept the call from being made
 */
export function readFailure(error: unknown): CallFailure {
  if (error instanceof WebAPIRequestError && error.original instanceof ExpectedFailure) throw error.original;
  if (error instanceof WebAPIRateLimitedError) {
    return { type: 'rate-limited', retryAfterMs: error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (code === 'ratelimited' || code === 'rate_limited')
      return { type: 'rate-limited', retryAfterMs: undefined };
    // A body that is no JSON becomes the error: a login page, a proxy's page.
    return /^[a-z][a-z0-9_]*$/.test(code)
      ? { type: 'refused', code }
      : { type: 'unknown', cause: error.name };
  }
  if (error instanceof WebAPIHTTPError && error.statusCode < 500) {
    return { type: 'refused', code: `http_${error.statusCode}` };
  }
  if (error instanceof WebAPIHTTPError || error instanceof WebAPIRequestError) {
    return { type: 'unknown', cause: error };
  }
  // The SDK throws a bare Error for a 429 that names no time.
  if (error instanceof Error && error.message.startsWith('Retry header did not contain a valid timeout')) {
    return { type: 'rate-limited', retryAfterMs: undefined };
  }
  throw error;
}

/** The failure that a delivery reports. */
export function deliveryFailure(method: string, failure: CallFailure): ExpectedFailure {
  if (failure.type === 'rate-limited') {
    const retryAfterMs = failure.retryAfterMs ?? DEFAULT_WAIT_MS;
    const message = `Slack asks to wait ${retryAfterMs} ms before the next ${method}`;
    return new ExpectedFailure('delivery-failed', message, { reason: 'unavailable', retryAfterMs });
  }
  if (failure.type === 'unknown') {
    const message = `Slack did not answer ${method}`;
    return new ExpectedFailure('delivery-failed', message, { reason: 'unavailable', cause: failure.cause });
  }
  const reason = isDeadToken(failure.code) ? 'unauthorized' : (REASONS[failure.code] ?? 'rejected');
  return new ExpectedFailure('delivery-failed', `Slack refused ${method}: ${failure.code}`, { reason });
}
