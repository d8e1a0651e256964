import { createServer, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { hostInUrl, isLoopback } from '../../../src/domain/networks.js';
import type { Log } from '../../../src/ports/process/log.js';

export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

export interface HttpServer {
  /** @throws {ExpectedFailure} `setup` */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listening>;
  stop(): Promise<void>;
}

export interface HttpServerOptions {
  /** @param connection - the request's socket and headers, as Node has them */
  readonly fetch: (request: Request, connection: HttpBindings | Http2Bindings) => Promise<Response>;
  readonly log: Log;
  /** Without a key the server binds loopback alone. */
  readonly keyIsSet: boolean;
  readonly limits?: ConnectionLimits;
}

/** What a client that dawdles, or comes in crowds, is given. Times in ms. Answers may take as long as they need. */
export interface ConnectionLimits {
  readonly headersMs: number;
  readonly bodyMs: number;
  readonly connections: number;
}

const LIMITS: ConnectionLimits = { headersMs: 10_000, bodyMs: 30_000, connections: 1_000 };
/** Above the 60 s that load balancers keep a connection, so that they close it first. */
const IDLE_LIMIT_MS = 65_000;
/** Of one request: Node's own default, said here. */
const HEADER_LIMIT_BYTES = 16_384;
/** What open requests get to end in, when the server stops. */
const STOP_GRACE_MS = 3_000;

export function openHttpServer(options: HttpServerOptions): HttpServer {
  const { headersMs, bodyMs, connections } = options.limits ?? LIMITS;
  const listener = getRequestListener(options.fetch, { overrideGlobalObjects: false });
  /** Responses not sent to the end. */
  const open = new Set<ServerResponse>();
  let stopping = false;
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: bodyMs,
      keepAliveTimeout: IDLE_LIMIT_MS,
      connectionsCheckingInterval: headersMs / 2,
      maxHeaderSize: HEADER_LIMIT_BYTES,
    },
    (incoming, outgoing) => {
      open.add(outgoing);
      outgoing.once('close', () => {
        open.delete(outgoing);
        if (stopping && open.size === 0) server.closeAllConnections();
      });
      listener(incoming, outgoing).catch((error: unknown) => {
        options.log.warn({ err: error }, 'a response could not be sent');
      });
    },
  );
  server.maxConnections = connections;
  let stopped: Promise<void> | null = null;

  async function close(): Promise<void> {
    if (!server.listening) return;
    stopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // Connections without a request would hold the server open until their time limits.
    if (open.size === 0) server.closeAllConnections();
    const force = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
    await closed;
    clearTimeout(force);
  }

  return {
    async listen({ host, port }) {
      if (!options.keyIsSet && !isLoopback(host)) {
        throw new ExpectedFailure(
          'setup',
          `Without PARLEY_API_KEY the HTTP API binds only loopback, not ${host}: set PARLEY_API_KEY, or PARLEY_HOST=127.0.0.1.`,
        );
      }
      await bind(server, host, port);
      server.on('error', (error) => options.log.error({ err: error }, 'the HTTP server failed'));
      const address = server.address();
      // It is text for a socket in the file system alone.
      const taken = typeof address === 'object' && address ? address.port : port;
      return { host, port: taken, url: `http://${hostInUrl(host)}:${taken}` };
    },
    stop() {
      stopped ??= close();
      return stopped;
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindFailure(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function bindFailure(error: NodeJS.ErrnoException, host: string, port: number): ExpectedFailure {
  const said: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program: stop it, or set PARLEY_PORT.`,
    EACCES: `This user may not open port ${port}: set PARLEY_PORT to one above 1023.`,
    EADDRNOTAVAIL: `This machine has no address ${host}: set PARLEY_HOST.`,
  };
  const message =
    said[error.code ?? ''] ?? `Cannot listen on ${host}:${port} (${error.code ?? error.message}).`;
  return new ExpectedFailure('setup', message, { cause: error });
}
