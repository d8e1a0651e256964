import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ExpectedFailure } from '../../domain/failure.js';
import { compiledEntry } from '../../process/compiled-entry.js';
import type { BreakableSession } from './lasting-session.js';
import type { SessionOptions, SessionReply, SessionRequest } from './session-protocol.js';

const STOP_LIMIT_MS = 10_000;

interface Pending {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

/** PGlite on a thread of its own. */
export class PgliteSession implements BreakableSession {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #lost: ExpectedFailure | null = null;
  #stopped: Promise<void> | null = null;

  /**
   * Resolves when the database answers: about 5 s where it is made new, else well under one.
   *
   * @throws {ExpectedFailure} `setup`
   */
  static async open(options: SessionOptions): Promise<PgliteSession> {
    const worker = new Worker(compiledEntry('src/storage/embedded/pglite-thread'), {
      workerData: options,
      name: 'parley-database',
    });
    const opened = new AbortController();
    try {
      await Promise.race([
        once(worker, 'message', { signal: opened.signal }), // rejects on 'error'
        once(worker, 'exit', { signal: opened.signal }).then(([code]) => {
          throw new Error(`its thread ended with code ${code}`);
        }),
      ]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const place = options.folder ?? 'memory';
      throw new ExpectedFailure('setup', `the database in ${place} did not open: ${reason}`, {
        cause: error,
      });
    } finally {
      opened.abort();
    }
    return new PgliteSession(worker);
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: SessionReply) => this.#settle(reply));
    worker.on('error', (error) => this.#lose(error.message, error));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.#lose(`its thread ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Runs one batch of protocol messages. */
  execute(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#request({ type: 'execute', bytes });
  }

  /** The whole data folder as one tar archive. */
  dump(): Promise<Uint8Array> {
    return this.#request({ type: 'dump' });
  }

  /** Ends the thread as a kill would: what was acknowledged is kept. */
  async abandon(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }

  /** Closes the database, within 10 s. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close(): Promise<void> {
    const limit = setTimeout(() => void this.#worker.terminate(), STOP_LIMIT_MS);
    this.#request({ type: 'close' }).catch(() => this.#worker.terminate());
    await this.#exited;
    clearTimeout(limit);
  }

  #request(request: WithoutId<SessionRequest>): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      // Bytes are copied, not transferred: a Buffer may be a window on a pool that others use.
      this.#worker.postMessage({ ...request, id });
    });
  }

  #settle(reply: SessionReply): void {
    if (reply.type === 'ready') return;
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.type === 'bytes') pending?.resolve(reply.bytes);
    else pending?.reject(new Error(reply.message));
  }

  #lose(reason: string, cause?: unknown): void {
    this.#lost ??= new ExpectedFailure('setup', `the embedded database stopped: ${reason}`, {
      retryable: true,
      cause,
    });
    for (const { reject } of this.#pending.values()) reject(this.#lost);
    this.#pending.clear();
  }
}
