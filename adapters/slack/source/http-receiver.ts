import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type App,
  AuthorizationError,
  HTTPModuleFunctions,
  HTTPReceiver,
  type HTTPReceiverOptions,
  type Logger,
  type Receiver,
} from '@slack/bolt';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { ended } from '../../../src/process/time-limit.js';
import { NotInstalled } from '../workspaces/slack-access.js';

export interface HttpEventsOptions {
  readonly signingSecret: string;
  readonly port: number;
  /** Interface to listen on. Default: all of them. */
  readonly host?: string | undefined;
  /** What makes it serve the pages of an installation; empty: it does not. */
  readonly install?: Partial<HTTPReceiverOptions>;
  readonly clock: Clock;
  readonly log: Log;
  readonly logger: Logger;
  readonly limits?: ConnectionLimits;
}

/** What a client that dawdles, or comes in crowds, is given. Times in ms. */
export interface ConnectionLimits {
  readonly headersMs: number;
  readonly bodyMs: number;
  readonly connections: number;
}

/** Slack's requests are some kB; a pressed button carries the whole message it stands under. */
const BODY_LIMIT_BYTES = 1_000_000;
/** Slack sends at once. */
const LIMITS: ConnectionLimits = { headersMs: 10_000, bodyMs: 15_000, connections: 1_000 };
/** Of one request. */
const HEADER_LIMIT_BYTES = 16_384;
/** A connection without a request. */
const IDLE_LIMIT_MS = 5_000;
/** What is under way when we stop has this long to end. */
const STOP_GRACE_MS = 5_000;

/**
 * Events over HTTP, at /slack/events. Slack gets its 200 once Bolt's listeners are through, which is after the commit;
 * where they fail it gets a 500 and delivers again. A wrong signature or a stale timestamp is a 401.
 */
export class HttpEvents implements Receiver {
  readonly #options: HttpEventsOptions;
  readonly #receiver: HTTPReceiver;
  #server: Server | null = null;

  constructor(options: HttpEventsOptions) {
    this.#options = options;
    this.#receiver = new HTTPReceiver({
      ...options.install,
      signingSecret: options.signingSecret,
      endpoints: ['/slack/events'],
      logger: options.logger,
      processBeforeResponse: true,
      bodyLimit: BODY_LIMIT_BYTES,
      processEventErrorHandler: async ({ error, response }) => {
        const refused = error instanceof AuthorizationError;
        if (refused && error.original instanceof NotInstalled) {
          // Slack may still tell what happened before the app was removed; it must not deliver that again.
          options.log.debug({ error }, 'an event of a workspace without the app');
          if (!response.headersSent) response.writeHead(200).end();
          return true;
        }
        options.log.warn({ error, refused }, 'not acknowledged: Slack will deliver it again');
        if (!response.headersSent) response.writeHead(500).end();
        return true;
      },
      dispatchErrorHandler: ({ response }) => {
        if (!response.headersSent) response.writeHead(404).end();
      },
      unhandledRequestHandler: ({ response }) => {
        // Nobody was there to answer it: Slack would deliver it again for nothing.
        if (!response.headersSent) response.writeHead(200).end();
      },
    });
    this.#receiver.requestListener = readingFirst(this.#receiver.requestListener);
  }

  init(app: App): void {
    this.#receiver.init(app);
  }

  /** The port it listens on; 0 while it does not. */
  get port(): number {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? 0;
  }

  /** @throws {ExpectedFailure} `setup`, where the port is taken */
  async start(): Promise<void> {
    const { port, host, limits = LIMITS } = this.#options;
    try {
      const server = await this.#receiver.start(
        { port, ...(host === undefined ? {} : { host }) },
        {
          headersTimeout: limits.headersMs,
          requestTimeout: limits.bodyMs,
          keepAliveTimeout: IDLE_LIMIT_MS,
          connectionsCheckingInterval: limits.headersMs / 2,
          maxHeaderSize: HEADER_LIMIT_BYTES,
        },
      );
      this.#server = server as Server;
      this.#server.maxConnections = limits.connections;
    } catch (cause) {
      const message = `SLACK_PORT ${port} cannot be listened on: choose another, or stop what uses it`;
      throw new ExpectedFailure('setup', message, { cause });
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await ended(closed, STOP_GRACE_MS, this.#options.clock);
    server.closeAllConnections();
    await closed;
  }
}

/** Bolt ends the process over a body that is `null`: what it takes in is read before. */
function readingFirst(next: RequestListener): RequestListener {
  return (request, response) => {
    const answer = (status: number) => {
      if (!response.headersSent) response.writeHead(status).end();
    };
    readBody(request).then(
      (meaning) => {
        if (meaning === 'nothing') return answer(400);
        try {
          next(request, response);
        } catch {
          answer(404); // a path that Bolt does not know
        }
      },
      () => answer(413),
    );
  };
}

/** @throws where the body is too large, or was cut off */
async function readBody(request: IncomingMessage): Promise<'something' | 'nothing'> {
  if (request.method !== 'POST') return 'something';
  const buffered = await HTTPModuleFunctions.bufferIncomingMessage(request, BODY_LIMIT_BYTES);
  try {
    return HTTPModuleFunctions.parseHTTPRequestBody(buffered) === null ? 'nothing' : 'something';
  } catch {
    return 'something'; // Bolt says what is wrong with it, to whoever signed it
  }
}
