import type { App, Receiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { type BackOff, backOff, UPPER_HALF } from '../../../src/domain/time/back-off.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { attemptCall } from '../client/attempt-call.js';
import { isDeadToken } from '../client/slack-failure.js';
import { type Envelope, type Retirement, SocketConnection } from './socket-connection.js';

export interface SocketReceiverOptions {
  /** A client with the app-level token. */
  readonly client: WebClient;
  readonly clock: Clock;
  readonly log: Log;
  /** How many connections are open now. */
  readonly onConnections: (open: number) => void;
  /** Slack refuses the app-level token: no connection will ever come. */
  readonly onRefused: (code: string) => void;
}

/**
 * Two connections at all times: while one is recycled or broken, Slack delivers over the other, so no event waits for
 * a new one. Slack allows 10 for one app.
 */
const CONNECTIONS = 2;
const BACK_OFF: BackOff = { firstMs: 500, lastMs: 30_000, spread: UPPER_HALF };
/** What a retiring connection still handles has this long to be acknowledged. */
const RETIRE_GRACE_MS = 5_000;
/** Slack closes a connection some 10 s after it said so; we do where it does not. */
const RECYCLE_MS = 30_000;

/**
 * Events over Socket Mode. An envelope is acknowledged once Bolt's listeners are through, which is after the commit;
 * where they fail it is not, and Slack delivers it again.
 */
export class SocketReceiver implements Receiver {
  readonly #options: SocketReceiverOptions;
  readonly #stopped = new AbortController();
  readonly #open = new Set<SocketConnection>();
  readonly #closing = new Set<Promise<void>>();
  #app: App | null = null;
  #running: Promise<void> | null = null;

  constructor(options: SocketReceiverOptions) {
    this.#options = options;
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Begins to connect, and goes on until `stop`. */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const keepers = Array.from({ length: CONNECTIONS }, () => this.#keepOne());
    this.#running = Promise.all(keepers).then(() => {});
  }

  /** Takes nothing new, and lets what is under way end within `graceMs`. */
  async stop(graceMs = RETIRE_GRACE_MS): Promise<void> {
    this.#stopped.abort();
    for (const connection of this.#open) this.#close(connection, graceMs);
    await this.#running;
    await Promise.all(this.#closing);
  }

  /** Keeps one connection open. Ends when stopped, or when Slack refuses the token for good; never throws. */
  async #keepOne(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    let old: SocketConnection | null = null;
    while (!signal.aborted) {
      const connection = await this.#tryToOpen(signal);
      if (connection === 'refused') break;
      if (connection === 'failed') {
        failures += 1;
        if (!(await this.#backOff(failures))) break;
        continue;
      }
      failures = 0;
      if (old) this.#closeLater(old);
      old = null;
      const why = await untilRetired(connection, signal);
      // A connection that Slack recycles goes on delivering until it is closed: the next one comes first.
      if (why === 'asked') old = connection;
      else this.#close(connection, RETIRE_GRACE_MS);
      if (why === 'link-disabled') {
        this.#options.log.error({}, 'Socket Mode is switched off for this Slack app: switch it on again');
        if (!(await this.#backOff(10))) break;
      }
    }
    if (old) this.#close(old, RETIRE_GRACE_MS);
  }

  async #tryToOpen(signal: AbortSignal): Promise<SocketConnection | 'failed' | 'refused'> {
    const { client, clock, log } = this.#options;
    try {
      const result = await attemptCall(() => client.apps.connections.open({}), signal);
      if (!result.ok) {
        const { failure } = result;
        if (
          failure.type === 'refused' &&
          (isDeadToken(failure.code) || failure.code === 'not_allowed_token_type')
        ) {
          this.#options.onRefused(failure.code);
          return 'refused';
        }
        const code = failure.type === 'refused' ? failure.code : failure.type;
        log.warn({ code }, 'Slack gave no address for Socket Mode');
        return 'failed';
      }
      const url = result.value.url ?? '';
      const handle = (envelope: Envelope) => this.#process(envelope);
      const connection = await SocketConnection.open({ url, clock, log, handle }, signal);
      this.#open.add(connection);
      this.#options.onConnections(this.#open.size);
      connection.ended.then(() => this.#forget(connection)).catch(() => {});
      return connection;
    } catch (error) {
      if (!signal.aborted) log.warn({ error }, 'a Socket Mode connection could not be opened');
      return 'failed';
    }
  }

  async #process(envelope: Envelope): Promise<object | undefined> {
    if (envelope.payload['type'] === 'app_rate_limited') {
      this.#options.log.error(
        {},
        'Slack drops events of this workspace: more than 30,000 came within an hour',
      );
      return undefined;
    }
    let answer: object | undefined;
    await this.#app?.processEvent({
      body: envelope.payload,
      ack: async (response) => {
        answer = typeof response === 'string' ? { text: response } : response;
      },
      ...(envelope.retryAttempt === undefined ? {} : { retryNum: envelope.retryAttempt }),
      ...(envelope.retryReason === undefined ? {} : { retryReason: envelope.retryReason }),
    });
    return answer;
  }

  /** Slack closes a connection that it recycles; until then events may still come over it. */
  #closeLater(connection: SocketConnection): void {
    const patience = this.#options.clock.sleep(RECYCLE_MS, this.#stopped.signal);
    Promise.race([connection.ended, patience])
      .catch(() => {}) // stopped: it closes at once
      .then(() => this.#close(connection, RETIRE_GRACE_MS))
      .catch(() => {});
    patience.catch(() => {});
  }

  #close(connection: SocketConnection, graceMs: number): void {
    const closing = connection.close(graceMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #forget(connection: SocketConnection): void {
    if (this.#open.delete(connection)) this.#options.onConnections(this.#open.size);
  }

  /** False where it was stopped meanwhile. */
  async #backOff(failures: number): Promise<boolean> {
    try {
      await this.#options.clock.sleep(backOff(BACK_OFF, failures, Math.random()), this.#stopped.signal);
      return true;
    } catch {
      return false;
    }
  }
}

/** Takes its listener off the signal again: connections come and go for as long as the process runs. */
async function untilRetired(
  { retired }: SocketConnection,
  signal: AbortSignal,
): Promise<Retirement | 'stopped'> {
  let stop = () => {};
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => resolve('stopped');
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([retired, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
