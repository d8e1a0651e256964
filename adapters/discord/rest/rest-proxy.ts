import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { proxyRequests } from '@discordjs/proxy';
import type { REST } from '@discordjs/rest';
import type { Log } from '../../../src/ports/process/log.js';

/** Carries the proxy's key. */
export const PROXY_KEY_HEADER = 'x-parley-proxy-key';

/** The longest request of ours is a message of some 20 kB. */
const BODY_LIMIT_BYTES = 1_000_000;
const CLOSE_PATIENCE_MS = 2_000;
/** Of one request. */
const HEADER_LIMIT_BYTES = 16_384;
/** A connection without a request. The other processes' clients close theirs after 4 s. */
const IDLE_LIMIT_MS = 5_000;

/** What a client that dawdles, or comes in crowds, is given. Times in ms. */
export interface ConnectionLimits {
  readonly headersMs: number;
  readonly bodyMs: number;
  readonly connections: number;
}

/** The other processes send at once; each has a connection for every request under way. */
const LIMITS: ConnectionLimits = { headersMs: 10_000, bodyMs: 15_000, connections: 1_000 };

export interface RestProxyOptions {
  readonly token: string;
  /** Keeps the buckets and the global limit for everyone. */
  readonly rest: REST;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly log: Log;
  readonly limits?: ConnectionLimits;
}

export interface RestProxy {
  readonly port: number;
  /** Ends what is under way after 2 s. May be called twice. */
  stop(): Promise<void>;
}

/**
 * What a process shows the proxy. Both ends make it from the bot's token, so whoever may use the proxy could use Discord
 * itself, and the token does not travel.
 */
export function proxyKey(token: string): string {
  return createHmac('sha256', token).update('parley discord proxy').digest('hex');
}

/**
 * Passes requests of this bot's processes on to Discord, through one client that counts for all of them.
 *
 * @throws where the port cannot be had
 */
export async function serveRestProxy(options: RestProxyOptions): Promise<RestProxy> {
  const { token, rest, host, port, log, limits = LIMITS } = options;
  const key = Buffer.from(proxyKey(token));
  const forward = proxyRequests(rest);
  const timeouts = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.bodyMs,
    keepAliveTimeout: IDLE_LIMIT_MS,
    connectionsCheckingInterval: limits.headersMs / 2,
    maxHeaderSize: HEADER_LIMIT_BYTES,
  };
  const server = createServer(timeouts, (request, response) => {
    const refusal = refusalOf(request, key);
    if (refusal !== null) return refuse(response, refusal);
    // The proxy's clients do not send the token, only that it is wanted.
    if (request.headers.authorization !== undefined) request.headers.authorization = `Bot ${token}`;
    // Stands where Discord could not be reached: the library would answer 200 with nothing in it.
    response.statusCode = 502;
    Promise.resolve(forward(request, response)).catch((error: unknown) => {
      log.debug({ err: error }, 'a Discord request could not be passed on');
      response.end();
    });
  });
  server.maxConnections = limits.connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

function refusalOf({ headers, url = '' }: IncomingMessage, key: Buffer): number | null {
  const shown = Buffer.from(String(headers[PROXY_KEY_HEADER] ?? ''));
  if (shown.length !== key.length || !timingSafeEqual(shown, key)) return 401;
  if (!url.startsWith('/api/v10/')) return 404;
  if (headers['transfer-encoding'] !== undefined) return 411;
  return Number(headers['content-length'] ?? '0') > BODY_LIMIT_BYTES ? 413 : null;
}

function refuse(response: ServerResponse, status: number): void {
  const body = JSON.stringify({ message: `${status}: refused by the proxy`, code: 0 });
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(body);
}
