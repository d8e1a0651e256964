import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type App, AuthorizationError, HTTPReceiver, type Logger, type Receiver } from '@slack/bolt';
import { ExpectedFailure } from '../../src/domain/failure.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Log } from '../../src/ports/log.js';

export interface HttpEventsOptions {
  readonly signingSecret: string;
  readonly port: number;
  /** Interface to listen on. Default: all of them. */
  readonly host?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly logger: Logger;
}

/** Slack's requests are some kB; a pressed button carries the whole message it stands under. */
const BODY_LIMIT_BYTES = 1_000_000;
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
      signingSecret: options.signingSecret,
      endpoints: ['/slack/events'],
      logger: options.logger,
      processBeforeResponse: true,
      bodyLimit: BODY_LIMIT_BYTES,
      processEventErrorHandler: async ({ error, response }) => {
        const refused = error instanceof AuthorizationError;
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
    const { port, host } = this.#options;
    try {
      const server = await this.#receiver.start({ port, ...(host === undefined ? {} : { host }) });
      this.#server = server as Server;
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
    const patience = new AbortController();
    const late = this.#options.clock.sleep(STOP_GRACE_MS, patience.signal).catch(() => {});
    await Promise.race([closed, late]);
    patience.abort();
    server.closeAllConnections();
    await closed;
  }
}
