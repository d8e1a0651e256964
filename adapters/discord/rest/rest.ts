import { DefaultRestOptions, REST, type RESTOptions } from '@discordjs/rest';
import type { Log } from '../../../src/ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import type { ProxyRoute } from './proxy-route.js';
import { RequestPace } from './request-pace.js';

export interface DiscordRestOptions {
  readonly token: string;
  /** Base of the REST API, without the version: a proxy or a test server. Discord's own where left out. */
  readonly apiUrl?: string;
  /** Where several processes have this token: through the proxy of one of them. */
  readonly route?: ProxyRoute;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Pick<Metrics, 'rateLimited'>;
}

type MakeRequest = RESTOptions['makeRequest'];

/** Discord bans an address for an hour after 10,000 answers of 401, 403 or 429 in 10 minutes. */
const INVALID_REQUESTS_PER_WARNING = 500;
/** A request without an answer is given up. */
const TIMEOUT_MS = 15_000;
/** Discord takes 50 a second of all but interactions; the gateway asks for a few by itself. */
const GLOBAL_PER_SECOND = 48;
/** Where a 429 says nothing of how long to wait. */
const DEFAULT_RETRY_AFTER_S = 5;
/** Words of Discord's routes. Everything else in a path is an id or a secret. */
const ROUTE_WORDS: ReadonlySet<string> = new Set([
  '@me',
  '@original',
  'applications',
  'bot',
  'callback',
  'channels',
  'commands',
  'gateway',
  'guilds',
  'interactions',
  'members',
  'messages',
  'threads',
  'typing',
  'users',
  'webhooks',
]);

/**
 * A REST client for one bot token. Everything in a process that speaks for one token should share one: buckets
 * are counted per client.
 *
 * It waits for nothing and repeats nothing: a full bucket rejects with `RateLimitError`, and `DiscordSender`
 * decides what to do.
 */
export function createDiscordRest(options: DiscordRestOptions): REST {
  const { route, apiUrl, metrics = NO_METRICS } = options;
  const own = discordRestOptions(apiUrl, metrics);
  const api = apiUrl ?? DefaultRestOptions.api;
  // What the proxy asks to wait for is counted there, where Discord said it.
  const proxied = withHonest429(DefaultRestOptions.makeRequest, NO_METRICS);
  const direct = paced(withHonest429(DefaultRestOptions.makeRequest, metrics));
  const rest = new REST({ ...own, makeRequest: route?.wrap(direct, proxied, api) ?? direct });
  rest.on('invalidRequestWarning', ({ count, remainingTime }) =>
    options.log.warn(
      { count, remainingMs: remainingTime },
      'Discord refused many requests; at 10,000 in 10 minutes it bans this address',
    ),
  );
  return rest.setToken(options.token);
}

export function discordRestOptions(
  apiUrl: string | undefined,
  metrics: Pick<Metrics, 'rateLimited'> = NO_METRICS,
): Partial<RESTOptions> {
  return {
    ...(apiUrl === undefined ? {} : { api: apiUrl }),
    version: '10',
    retries: 0,
    timeout: TIMEOUT_MS,
    rejectOnRateLimit: () => true,
    globalRequestsPerSecond: GLOBAL_PER_SECOND,
    makeRequest: withHonest429(DefaultRestOptions.makeRequest, metrics),
    invalidRequestWarningInterval: INVALID_REQUESTS_PER_WARNING,
  };
}

function paced(makeRequest: MakeRequest): MakeRequest {
  const pace = new RequestPace(GLOBAL_PER_SECOND, 1_000);
  return (url, init) =>
    /\/(?:interactions|webhooks)\//.test(url)
      ? makeRequest(url, init)
      : pace.run(() => makeRequest(url, init));
}

/**
 * Makes 429s safe for @discordjs/rest, which reads headers alone and repeats at once where they are missing:
 * the body's `retry_after` becomes headers, and a 429 that carries an error code of its own (30046: too many edits
 * of an old message, 20016: slow mode) becomes a 400, since waiting in a bucket does not help there.
 */
function withHonest429(makeRequest: MakeRequest, metrics: Pick<Metrics, 'rateLimited'>): MakeRequest {
  return async (url, init) => {
    const response = await makeRequest(url, init);
    if (response.status !== 429) return response;
    metrics.rateLimited('discord', routeName(init.method ?? 'GET', url));
    const text = await response.text();
    const { code, retryAfter } = readBody(text);
    const headers = new Headers([...response.headers.entries()]);
    if (!headers.has('Retry-After'))
      headers.set('Retry-After', String(Math.max(retryAfter ?? DEFAULT_RETRY_AFTER_S, 0.1)));
    return new Response(text, { status: code === 0 ? 429 : 400, headers });
  };
}

/** A request's method and route, `PATCH /channels/:id/messages/:id`, without what must not be counted by. */
function routeName(method: string, url: string): string {
  const { pathname } = new URL(url);
  const route = pathname.replace(/^.*?\/v\d+\//, '');
  const words = route.split('/').map((segment) => (ROUTE_WORDS.has(segment) ? segment : ':id'));
  return `${method} /${words.join('/')}`;
}

function readBody(text: string): { code: number; retryAfter: number | undefined } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return { code: 0, retryAfter: undefined };
    return {
      code: 'code' in body && typeof body.code === 'number' ? body.code : 0,
      retryAfter:
        'retry_after' in body && typeof body.retry_after === 'number' ? body.retry_after : undefined,
    };
  } catch {
    return { code: 0, retryAfter: undefined };
  }
}
