import { type Logger, type LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Log } from '../../../src/ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';

export interface SlackApiOptions {
  /** Base of the Web API, ending in `/api/`. Default: Slack's own. */
  readonly apiUrl?: string | undefined;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Pick<Metrics, 'rateLimited'> | undefined;
  /** Longest wait for one answer, in ms. Default 15,000. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;

/**
 * Options of a Web API client, new at each call: the SDK writes into the ones it is given.
 *
 * No retries, since a post whose answer was lost is on Slack already; a 429 comes back at once, since the SDK would
 * stop every other call of the client; a time limit, since the SDK has none; no `headers`, since the SDK keeps the
 * first token in them.
 */
export function slackClientOptions(options: SlackApiOptions): WebClientOptions {
  return clientOptions(options, watchedFetch(options.timeoutMs ?? TIMEOUT_MS, options.metrics ?? NO_METRICS));
}

function clientOptions(options: SlackApiOptions, watched: typeof globalThis.fetch): WebClientOptions {
  return {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
    logger: sdkLogger(options.log),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    fetch: watched,
  };
}

export function slackClient(token: string, options: SlackApiOptions): WebClient {
  return new WebClient(token, slackClientOptions(options));
}

/**
 * A client that asks for its token at each call, and holds none: it may be replaced, or taken away.
 *
 * @param token - that of the one workspace this client is for. What it throws, the call throws
 */
export function workspaceClient(token: () => Promise<string>, options: SlackApiOptions): WebClient {
  const watched = watchedFetch(options.timeoutMs ?? TIMEOUT_MS, options.metrics ?? NO_METRICS);
  const withToken: typeof globalThis.fetch = async (url, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await token()}`);
    return watched(url, { ...init, headers });
  };
  return new WebClient(undefined, clientOptions(options, withToken));
}

/** Here and not in `timeout`, because `respond()` of Bolt uses the client's fetch and nothing else of it. */
function watchedFetch(timeoutMs: number, metrics: Pick<Metrics, 'rateLimited'>): typeof globalThis.fetch {
  return async (url, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    const response = await fetch(url, { ...init, signal });
    if (response.status === 429) metrics.rateLimited('slack', methodOf(url));
    return response;
  };
}

/** `chat.update`; of an address that is a secret, nothing. */
function methodOf(url: string | URL | Request): string {
  const address = url instanceof Request ? url.url : String(url);
  return /\/([a-z]+(?:\.[a-zA-Z]+)+)(?:\?|$)/.exec(address)?.[1] ?? 'other';
}

/**
 * Hands the SDK's warnings to our log. Its other lines are dropped: they may quote what people wrote.
 */
export function sdkLogger(log: Log): Logger {
  let name = 'slack';
  const line = (parts: readonly unknown[]) => ({ sdk: name, detail: firstWords(parts) });
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => log.warn(line(parts), 'a warning of the Slack SDK'),
    error: (...parts) => log.warn(line(parts), 'an error inside the Slack SDK'),
    setLevel: () => {},
    // The SDK compares with its own enum, which is made of these words.
    getLevel: () => 'warn' as LogLevel,
    setName: (given) => {
      name = given;
    },
  };
}

/** Enough to recognise a line of the SDK, without anything a token or a message could hide in. */
function firstWords(parts: readonly unknown[]): string {
  const text = parts.map((part) => (part instanceof Error ? part.name : String(part))).join(' ');
  return text.replaceAll(/xox[a-z]-\S+|xapp-\S+/g, '…').slice(0, 160);
}
