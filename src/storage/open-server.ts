import pg from 'pg';
import { ExpectedFailure } from '../domain/failure.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { CleanUp } from './clean-up.js';
import type { Database } from './database.js';
import { asSetupFailure } from './database-failure.js';
import { endPool } from './end-pool.js';
import { prepareDatabase } from './prepare-database.js';
import { watchPool } from './watch-pool.js';

const POOL_END_MS = 5000;
const CONNECT_MS = 10_000;
const STATEMENT_MS = 30_000;
/** How long a server that is still starting is waited for. */
const START_LIMIT_MS = 30_000;
const START_PAUSE_MS = 1000;

export interface ServerOptions {
  /** `postgres://user:password@host:port/database`, with pg's parameters. */
  readonly url: string;
  /** Connections of each of the two pools. */
  readonly connections?: number;
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
  const { log } = options;
  const common: pg.PoolConfig = {
    connectionString: options.url,
    application_name: 'parley',
    max: options.connections ?? 10,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    idle_in_transaction_session_timeout: STATEMENT_MS,
  };
  const pool = new pg.Pool({ ...common, statement_timeout: STATEMENT_MS });
  // BullMQ keeps one connection for each Worker and QueueEvents, and its migrations may take their time.
  const queuePool = new pg.Pool({
    ...common,
    max: common.max ? common.max * 2 : 20,
    options: '-c search_path=bullmq',
  });
  const cleanUp = new CleanUp(log);
  for (const each of [pool, queuePool]) {
    watchPool(each, log);
    cleanUp.add(() => endPool(each, POOL_END_MS));
  }
  try {
    await waitUntilReachable(pool, options);
    const prisma = await prepareDatabase(pool, log);
    cleanUp.add(() => prisma.$disconnect());
    return { kind: 'server', prisma, pool, queuePool, stop: () => cleanUp.run() };
  } catch (error) {
    await cleanUp.run();
    throw error;
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
      const failure = asSetupFailure(error);
      if (!(failure instanceof ExpectedFailure) || !failure.retryable || clock.now() >= deadline)
        throw failure;
      log.warn({ reason: failure.message }, 'waiting for the database');
    }
    await clock.sleep(START_PAUSE_MS, signal);
  }
}
