import WebSocket from 'ws';
import { z } from 'zod';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';

/** What Slack sends over the socket. Only envelopes are acknowledged. */
const Frame = z.object({
  type: z.string(),
  reason: z.string().optional(),
  envelope_id: z.string().optional(),
  payload: z.record(z.string(), z.unknown()).optional(),
  accepts_response_payload: z.boolean().optional(),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

export interface Envelope {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly retryAttempt: number | undefined;
  readonly retryReason: string | undefined;
}

/** Why a connection takes no more: Slack recycles it, it broke, or Socket Mode was switched off for the app. */
export type Retirement = 'asked' | 'closed' | 'link-disabled';

export interface SocketConnectionOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Takes an envelope; it is acknowledged with what this resolves with. Where it throws, Slack gets no
   * acknowledgement and delivers again.
   */
  readonly handle: (envelope: Envelope) => Promise<object | undefined>;
}

/** Longest wait for the connection and Slack's hello. */
const HELLO_MS = 10_000;
/** A ping is sent this often; a connection that answered none in that time is dead. */
const HEARTBEAT_MS = 10_000;
/** A peer that does not answer the close is not waited for longer. */
const CLOSE_MS = 1_000;
/** Slack's envelopes are some kB. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** One Socket Mode connection, from hello to its end. Nothing that it receives can make it throw. */
export class SocketConnection {
  /** Resolves when this connection takes no more, or soon will not: another one should be opened. */
  readonly retired: Promise<Retirement>;
  /** Resolves when nothing can come over it any more. */
  readonly ended: Promise<void>;
  readonly #options: SocketConnectionOptions;
  readonly #socket: WebSocket;
  readonly #handling = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  #end: () => void = () => {};
  readonly #hello: Promise<void>;
  #retire: (why: Retirement) => void = () => {};
  #welcome: () => void = () => {};
  #alive = true;

  private constructor(options: SocketConnectionOptions) {
    this.#options = options;
    this.retired = new Promise((resolve) => {
      this.#retire = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#hello = new Promise((resolve) => {
      this.#welcome = resolve;
    });
    this.#socket = new WebSocket(options.url, { handshakeTimeout: HELLO_MS, maxPayload: MAX_FRAME_BYTES });
    this.#socket.on('message', (data, isBinary) => {
      if (!isBinary) this.#receive(String(data));
    });
    this.#socket.on('pong', () => {
      this.#alive = true;
    });
    this.#socket.on('error', (error) => {
      options.log.debug({ error: error.message }, 'a Socket Mode connection failed');
    });
    this.#socket.on('close', () => {
      this.#ended.abort();
      this.#end();
      this.#retire('closed');
    });
  }

  /**
   * Connects and waits for Slack's hello.
   *
   * @throws {Error} where it does not come in time
   * @throws `signal.reason` on abort
   */
  static async open(options: SocketConnectionOptions, signal: AbortSignal): Promise<SocketConnection> {
    const connection = new SocketConnection(options);
    try {
      await connection.#opened(signal);
      return connection;
    } catch (error) {
      connection.#socket.terminate();
      throw error;
    }
  }

  /** Lets what it is handling end and be acknowledged, for at most `graceMs`, then closes. */
  async close(graceMs: number): Promise<void> {
    const grace = new AbortController();
    const patience = this.#options.clock.sleep(graceMs, AbortSignal.any([grace.signal, this.#ended.signal]));
    await Promise.race([Promise.all(this.#handling), patience]).catch(() => {});
    grace.abort();
    patience.catch(() => {});
    this.#socket.close(1000); // after what was sent: the last acknowledgements still leave
    await this.#options.clock.sleep(CLOSE_MS, this.#ended.signal).catch(() => {});
    this.#socket.terminate();
  }

  async #opened(signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const timeout = this.#options.clock.sleep(HELLO_MS, AbortSignal.any([signal, limit.signal]));
    const late = timeout.then(() => {
      throw new Error('Slack did not say hello in time');
    });
    const refused = this.retired.then(() => {
      throw new Error('Slack closed the connection before its hello');
    });
    late.catch(() => {});
    refused.catch(() => {});
    try {
      await Promise.race([this.#hello, late, refused]);
    } finally {
      limit.abort();
    }
    this.#watch().catch(() => {}); // ends with the connection
  }

  /** A connection can die without a word: whoever answers no ping is dead. */
  async #watch(): Promise<void> {
    for (;;) {
      this.#alive = false;
      this.#socket.ping();
      await this.#options.clock.sleep(HEARTBEAT_MS, this.#ended.signal);
      if (!this.#alive) {
        this.#options.log.warn({}, 'a Socket Mode connection went silent');
        this.#socket.terminate();
        return;
      }
    }
  }

  #receive(data: string): void {
    const frame = readFrame(data);
    if (!frame) {
      this.#options.log.debug({}, 'Slack sent something that is no frame');
      return;
    }
    if (frame.type === 'hello') this.#welcome();
    else if (frame.type === 'disconnect')
      this.#retire(frame.reason === 'link_disabled' ? 'link-disabled' : 'asked');
    else if (frame.envelope_id !== undefined) this.#handleSoon(frame.envelope_id, frame);
    else this.#options.log.warn({ type: frame.type }, 'Slack sent a notice over the socket');
  }

  #handleSoon(envelopeId: string, frame: z.infer<typeof Frame>): void {
    const handling = this.#handle(envelopeId, frame)
      .catch((error: unknown) => {
        this.#options.log.warn({ error, type: frame.type }, 'not acknowledged: Slack will deliver it again');
      })
      .finally(() => this.#handling.delete(handling));
    this.#handling.add(handling);
  }

  async #handle(envelopeId: string, frame: z.infer<typeof Frame>): Promise<void> {
    const answer = await this.#options.handle({
      payload: frame.payload ?? {},
      retryAttempt: frame.retry_attempt,
      retryReason: frame.retry_reason,
    });
    const payload = frame.accepts_response_payload && answer ? { payload: answer } : {};
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error('the connection closed first');
    this.#socket.send(JSON.stringify({ envelope_id: envelopeId, ...payload }));
  }
}

function readFrame(data: string): z.infer<typeof Frame> | null {
  try {
    const parsed = Frame.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
