import { Socket } from 'node:net';
import pg from 'pg';
import { ExpectedFailure } from '../../domain/failure.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import { CleanUp } from './clean-up.js';
import type { Database } from './database.js';
import { asSetupFailure } from './database-failure.js';
import { endPool, watchPool } from './pools.js';
import { prepareDatabase } from './prepare-database.js';

const POOL_END_MS = 5000;
const CONNECT_MS = 10_000;
const STATEMENT_MS = 30_000;
/** An answer that comes this much later than the server gives up a statement never comes: the connection is dead. */
const SILENCE_MS = 5_000;
/** Idle connections are probed after this time. */
const PROBE_AFTER_MS = 10_000;
/** How long a server that is still starting is waited for. */
const START_LIMIT_MS = 30_000;
const START_PAUSE_MS = 1000;

export interface ServerOptions {
  /** `postgres://user:password@host:port/database`, with pg's parameters. */
  readonly url: string;
  /** Connections of each of the two pools. */
  readonly connections?: number;
  /** Longest time a statement may take, in ms. Default 30,000. */
  readonly statementMs?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/**
 * A database on a PostgreSQL server, 15 or newer. One that does not answer yet is waited for, 30 s at most.
 *
 * @throws {ExpectedFailure} `setup`: unreachable, refused, or newer than this build
 * @throws `signal.reason` when `signal` aborts first
 */
export async function openServer(options: ServerOptions): Promise<Database> {
  const { log, signal, statementMs = STATEMENT_MS } = options;
  const sockets = new OpenSockets();
  const common: pg.PoolConfig = {
    connectionString: options.url,
    application_name: 'parley',
    max: options.connections ?? 10,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: PROBE_AFTER_MS,
    idle_in_transaction_session_timeout: statementMs,
    stream: () => sockets.open(),
  };
  // A server that vanished without a word would hold each connection for a quarter of an hour.
  const limits = { statement_timeout: statementMs, query_timeout: statementMs + SILENCE_MS };
  const pool = new pg.Pool({ ...common, ...limits });
  const migrating = new pg.Pool({ ...common, max: 1 });
  // BullMQ keeps one connection for each Worker and QueueEvents, and its migrations may take their time.
  const queuePool = new pg.Pool({
    ...common,
    max: common.max ? common.max * 2 : 20,
    options: '-c search_path=bullmq',
  });
  const cleanUp = new CleanUp(log);
  for (const each of [pool, queuePool, migrating]) {
    watchPool(each, log);
    cleanUp.add(() => endPool(each, POOL_END_MS));
  }
  // A connection attempt may take 10 s, and waiting for another process's migrations for ever.
  const giveUp = () => sockets.destroy();
  signal?.addEventListener('abort', giveUp);
  try {
    await waitUntilReachable(pool, options);
    const prisma = await prepareDatabase(pool, log, migrating);
    await endPool(migrating, POOL_END_MS);
    cleanUp.add(() => prisma.$disconnect());
    return { kind: 'server', prisma, pool, queuePool, stop: () => cleanUp.run() };
  } catch (error) {
    await cleanUp.run();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Connections of both pools, also those that pg has not finished opening and so cannot be asked to close. */
class OpenSockets {
  readonly #sockets = new Set<Socket>();

  open(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function waitUntilReachable(pool: pg.Pool, { clock, log, signal }: ServerOptions): Promise<void> {
  const deadline = clock.now() + START_LIMIT_MS;
  for (;;) {
    signal?.throwIfAborted();
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      signal?.throwIfAborted();
      const failure = asSetupFailure(error);
      if (!(failure instanceof ExpectedFailure) || !failure.retryable || clock.now() >= deadline)
        throw failure;
      log.warn({ reason: failure.message }, 'waiting for the database');
    }
    await clock.sleep(START_PAUSE_MS, signal);
  }
}
