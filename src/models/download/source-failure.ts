import { errors } from 'undici';
import { ExpectedFailure } from '../../domain/failure.js';
import { parseRetryAfter } from '../../domain/time/retry-after.js';

/** Codes of a server that is not there: asking again at once will not help, the next source may. */
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** Longest wait that a server may ask for: beyond it the next source is quicker. */
const MAX_RETRY_AFTER_MS = 60_000;

/** An answer other than a file, as a failure of the source; retryable for 408, 425, 429 and 5xx. */
export function statusFailure(
  host: string,
  status: number,
  retryAfter: string | undefined,
  now: number,
): ExpectedFailure {
  const retryable = status >= 500 || [408, 425, 429].includes(status);
  const retryAfterMs = retryable ? parseRetryAfter(retryAfter, now) : undefined;
  if (retryAfterMs !== undefined && retryAfterMs > MAX_RETRY_AFTER_MS)
    return failure(`${host} answers ${status} and asks to come back in ${Math.round(retryAfterMs / 1000)} s`);
  const why =
    status === 401 || status === 403
      ? `${host} refuses the file (${status}): it is gated or private, and a token with access to it is needed`
      : status === 404
        ? `${host} has no such file (404)`
        : `${host} answers ${status}`;
  return failure(why, { retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

/** A fault of the connection, as a failure of the source. Anything unknown is given back as it is. */
export function connectionFailure(host: string, error: unknown): unknown {
  if (error instanceof ExpectedFailure) return error;
  const code = codeOf(error);
  if (UNREACHABLE.has(code)) return failure(`${host} cannot be reached (${code})`, { cause: error });
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return failure(`${host} stopped sending`, { retryable: true, cause: error });
  if (
    error instanceof errors.UndiciError ||
    /^(ECONN|EPIPE|ERR_TLS|ERR_SSL|CERT_|UNABLE_|DEPTH_|SELF_)/.test(code)
  )
    return failure(`the connection to ${host} failed (${code})`, {
      retryable: /^(ECONN|EPIPE|UND_ERR_SOCKET)/.test(code),
      cause: error,
    });
  return error;
}

/** A failure of one source: the next one may do better. */
export function failure(
  sentence: string,
  options: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
): ExpectedFailure {
  return new ExpectedFailure('model-missing', sentence, { retryable: false, ...options });
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
