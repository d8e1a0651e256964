import { createHmac } from 'node:crypto';
import { ExpectedFailure } from '../../src/domain/failure.js';
import { isLoopback } from '../../src/domain/networks.js';
import { parseRetryAfter } from '../../src/domain/time/retry-after.js';

/** Where documents are posted. */
export interface LogEndpoint {
  /** https, or http on this machine. A user and password in it are sent as basic authentication. */
  readonly url: string;
  /** Key of the signature; null posts without one. */
  readonly secret: string | null;
  /** Milliseconds for one request, redirects included. */
  readonly timeoutMs: number;
}

/** Redirects followed, all on the endpoint's own origin. */
const MAX_REDIRECTS = 3;

/** Answers that say "not now" rather than "no": timeout, too early, too many. */
const TEMPORARY: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Posts one document, signed in `X-Parley-Signature: sha256=<hexadecimal HMAC-SHA256 of the body>`.
 *
 * @param body - JSON; every post of the same document carries the same `deliveryId`
 * @throws {ExpectedFailure} `setup`; retryable unless the endpoint refuses the document or redirects elsewhere
 * @throws `signal.reason` on abort
 */
export async function postDocument(
  endpoint: LogEndpoint,
  body: string,
  deliveryId: string,
  signal: AbortSignal,
): Promise<void> {
  const target = safeUrl(endpoint.url);
  const headers = headersFor(target, endpoint.secret, body, deliveryId);
  target.username = '';
  target.password = '';
  const limited = AbortSignal.any([signal, AbortSignal.timeout(endpoint.timeoutMs)]);
  let url = target;
  for (let redirects = 0; ; redirects++) {
    const response = await send(url, headers, body, limited, signal);
    if (response.ok) return;
    const next = redirectOf(response, url);
    if (!next) throw refusal(response);
    if (next.origin !== target.origin)
      throw failure('redirects to another address, which is not followed', false);
    if (redirects === MAX_REDIRECTS) throw failure('redirects in a circle', false);
    url = next;
  }
}

/** @throws {ExpectedFailure} `setup` where documents would leave this machine unencrypted */
export function safeUrl(text: string): URL {
  const url = new URL(text);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url;
  throw failure('must be an https address, or http on this machine', false);
}

function headersFor(url: URL, secret: string | null, body: string, deliveryId: string): Headers {
  const headers = new Headers({
    'content-type': 'application/json',
    'user-agent': 'Parley',
    'x-parley-delivery': deliveryId,
  });
  if (secret !== null) {
    headers.set('x-parley-signature', `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  }
  if (url.username !== '' || url.password !== '') {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(login).toString('base64')}`);
  }
  return headers;
}

async function send(
  url: URL,
  headers: Headers,
  body: string,
  limited: AbortSignal,
  signal: AbortSignal,
): Promise<Response> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limited });
    await response.body?.cancel();
    return response;
  } catch (cause) {
    signal.throwIfAborted();
    throw failure(limited.aborted ? 'gave no answer in time' : 'cannot be reached', true, { cause });
  }
}

/** Where to post instead: only 307 and 308 keep method and body. */
function redirectOf(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location');
  if ((response.status !== 307 && response.status !== 308) || location === null) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

function refusal(response: Response): ExpectedFailure {
  const retryable = response.status >= 500 || TEMPORARY.has(response.status);
  const retryAfterMs = retryable
    ? parseRetryAfter(response.headers.get('retry-after'), Date.now())
    : undefined;
  return failure(
    `answered ${response.status}`,
    retryable,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

function failure(
  what: string,
  retryable: boolean,
  more: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
): ExpectedFailure {
  return new ExpectedFailure('setup', `LOGGING_URL ${what}`, { retryable, ...more });
}
