import type { Log } from '../../ports/process/log.js';

/** A database session that may break: {@link PgliteSession}, as this module needs it. */
export interface BreakableSession {
  /** Rejects only where the session itself broke: a failing query is an answer like any other. */
  execute(bytes: Uint8Array): Promise<Uint8Array>;
  dump(): Promise<Uint8Array>;
  stop(): Promise<void>;
  /** Ends it without asking it to close. */
  abandon(): Promise<void>;
}

/**
 * A session that is opened again after it broke (out of memory, disk full, a panic inside PGlite): PostgreSQL
 * recovers from its log, and the bot goes on. What ran when it broke fails; nothing is run twice.
 */
export class LastingSession<Session extends BreakableSession> {
  readonly #open: () => Promise<Session>;
  readonly #onBroken: () => void;
  readonly #log: Log;
  /** Null from a break until the next batch. */
  #session: Promise<Session> | null;
  #abandoned: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param onBroken - open transactions and LISTENs are gone: who relies on them must be told */
  constructor(
    first: Session,
    open: () => Promise<Session>,
    { log, onBroken }: { log: Log; onBroken: () => void },
  ) {
    this.#session = Promise.resolve(first);
    this.#open = open;
    this.#log = log;
    this.#onBroken = onBroken;
  }

  /** One batch at a time. */
  async execute(bytes: Uint8Array): Promise<Uint8Array> {
    const session = await this.#current();
    try {
      return await session.execute(bytes);
    } catch (error) {
      if (!this.#stopped) this.#replace(session, error);
      throw error;
    }
  }

  async dump(): Promise<Uint8Array> {
    return (await this.#current()).dump();
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const session = await this.#session?.catch(() => null);
    await session?.stop();
    await this.#abandoned;
  }

  /** Where opening failed, the next batch tries once more: there may be space on the disk again. */
  #current(): Promise<Session> {
    if (this.#session) return this.#session;
    if (this.#stopped) return Promise.reject(new Error('the embedded database is stopped'));
    const session = this.#abandoned.then(() => this.#open());
    session.catch((error: unknown) => {
      this.#session = null;
      this.#log.error({ error }, 'the embedded database could not be opened again');
    });
    this.#session = session;
    return session;
  }

  #replace(broken: Session, error: unknown): void {
    this.#log.error({ error }, 'the embedded database broke and is opened again');
    this.#session = null;
    this.#abandoned = broken.abandon();
    this.#onBroken();
  }
}
