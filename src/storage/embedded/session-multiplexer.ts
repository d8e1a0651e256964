import { queryMessage, splitServerOutput } from './wire-protocol.js';

/** The one database session behind all connections: runs a batch of protocol messages and gives the answer's bytes. */
export type ExecuteBatch = (bytes: Uint8Array) => Promise<Uint8Array>;

/** One connection, as the multiplexer sees it. */
export interface MultiplexedConnection {
  /** Takes bytes that nobody asked for: notifications. */
  notify(bytes: Buffer): void;
  destroy(error: Error): void;
}

interface Waiting {
  readonly connection: MultiplexedConnection;
  readonly bytes: Uint8Array;
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** Captured, so that a test that fakes timers does not stop the database. */
const nextTurn = setImmediate;
const ROLLBACK = queryMessage('ROLLBACK');

/**
 * Shares one session among many connections, batch by batch, first come, first served. A connection that has opened
 * a transaction has the session to itself until the transaction ends.
 */
export class SessionMultiplexer {
  readonly #execute: ExecuteBatch;
  readonly #idleTransactionMs: number;
  readonly #connections = new Set<MultiplexedConnection>();
  #waiting: Waiting[] = [];
  #owner: MultiplexedConnection | null = null;
  #idleTimer: NodeJS.Timeout | undefined;
  #running = false;
  #named = 0;

  /**
   * @param idleTransactionMs - a connection that leaves its transaction idle for so long is cut off, since everybody
   *   else waits for it; PostgreSQL's idle_in_transaction_session_timeout, which needs timers PGlite lacks
   */
  constructor(execute: ExecuteBatch, idleTransactionMs: number) {
    this.#execute = execute;
    this.#idleTransactionMs = idleTransactionMs;
  }

  /** A name that no other connection of this session was given. */
  nextName(): string {
    return `c${this.#named++}`;
  }

  attach(connection: MultiplexedConnection): void {
    this.#connections.add(connection);
  }

  /** Drops what the connection still wanted, and rolls back what it left open. */
  detach(connection: MultiplexedConnection): void {
    this.#connections.delete(connection);
    const dropped = this.#waiting.filter((w) => w.connection === connection);
    this.#waiting = this.#waiting.filter((w) => w.connection !== connection);
    for (const { reject } of dropped) reject(new Error('the connection was closed'));
    if (this.#owner === connection) this.#rollBack(connection);
  }

  /** Cuts every connection off: the session behind them is not the one they knew. */
  reset(): void {
    this.#owner = null;
    for (const connection of this.#connections)
      connection.destroy(new Error('the database session was lost'));
  }

  /** Runs a batch when the connection's turn comes; resolves to the answer's bytes. */
  submit(connection: MultiplexedConnection, bytes: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ connection, bytes, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (;;) {
      // One batch per turn of the event loop, like a socket: a connection that polls would otherwise run on
      // microtasks alone and starve timers and I/O for ever.
      await new Promise<void>((resolve) => nextTurn(resolve));
      const next = this.#next();
      if (!next) break;
      await this.#runOne(next);
    }
    this.#running = false;
  }

  #next(): Waiting | undefined {
    const index = this.#owner ? this.#waiting.findIndex((w) => w.connection === this.#owner) : 0;
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  async #runOne({ connection, bytes, resolve, reject }: Waiting): Promise<void> {
    clearTimeout(this.#idleTimer);
    try {
      const output = await this.#execute(bytes);
      const { reply, notifications, transaction } = splitServerOutput(
        Buffer.from(output.buffer, output.byteOffset, output.byteLength),
      );
      // `unknown`: the batch ended with Flush, and more of the same statement follows.
      this.#owner = transaction === 'none' ? null : connection;
      resolve(reply);
      if (notifications.length > 0) for (const each of this.#connections) each.notify(notifications);
    } catch (error) {
      this.#owner = null;
      reject(error);
    }
    if (!this.#owner) return;
    if (this.#connections.has(this.#owner)) this.#limitIdleTime(this.#owner);
    else this.#rollBack(this.#owner); // it was closed while its batch ran
  }

  #rollBack(connection: MultiplexedConnection): void {
    // Fails only with the session, and then nothing is left to roll back.
    this.submit(connection, ROLLBACK).catch(() => undefined);
  }

  #limitIdleTime(owner: MultiplexedConnection): void {
    this.#idleTimer = setTimeout(() => {
      if (this.#owner !== owner) return;
      owner.destroy(new Error(`a transaction was left idle for ${this.#idleTransactionMs} ms`));
    }, this.#idleTransactionMs);
    this.#idleTimer.unref();
  }
}
