import { type Dispatcher, request } from 'undici';
import { ExpectedFailure } from '../../domain/failure.js';
import { isLoopback } from '../../domain/networks.js';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface FollowedResponse {
  readonly response: Dispatcher.ResponseData;
  /** Headers of every response on the way, the first one first. */
  readonly headers: readonly ResponseHeaders[];
}

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface FollowOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` alone: never to where it redirects. */
  readonly token: string | null;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

/**
 * GETs `url` and what it redirects to.
 *
 * @throws {ExpectedFailure} `model-missing` for plain http to another machine or after https, and redirects without end
 * @throws undici's errors where a server cannot be reached
 */
export async function followRedirects(url: string, options: FollowOptions): Promise<FollowedResponse> {
  const home = new URL(url).origin;
  const headers: ResponseHeaders[] = [];
  let target = new URL(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    requireSafe(target);
    const response = await request(target, {
      headers: {
        ...options.headers,
        ...(options.token !== null && target.origin === home
          ? { authorization: `Bearer ${options.token}` }
          : {}),
      },
      dispatcher: options.dispatcher,
      signal: options.signal,
    });
    headers.push(response.headers);
    const location = response.headers['location'];
    if (!REDIRECTS.has(response.statusCode) || typeof location !== 'string') return { response, headers };
    await response.body.dump();
    if (!URL.canParse(location, target.href)) break;
    const next = new URL(location, target);
    // A server elsewhere must not send us to one on this machine that only we can reach.
    if (target.protocol === 'https:' && next.protocol !== 'https:')
      throw new ExpectedFailure('model-missing', `${target.origin} redirects away from https.`);
    target = next;
  }
  throw new ExpectedFailure('model-missing', `${home} redirects without end.`);
}

function requireSafe(target: URL): void {
  const safe = target.protocol === 'https:' || (target.protocol === 'http:' && isLoopback(target.hostname));
  if (!safe)
    throw new ExpectedFailure(
      'model-missing',
      `${target.origin} is not https: models are fetched over https, or from this machine.`,
    );
}
