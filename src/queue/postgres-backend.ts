import {
  assertSchemaCompatibility,
  createPostgresBackend,
  isPgPool,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
  withBackend,
} from 'bullmq';
import type pg from 'pg';
import { KEPT_EVENTS, type QueueBackend } from './queue-backend.js';

const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);

/** The schema that holds BullMQ's tables. */
const QUEUE_SCHEMA = 'bullmq';

/**
 * Keeps jobs on PostgreSQL 13 or newer, or on the embedded database.
 *
 * @param pool - not connected yet, with the schema `bullmq` in its search path. Each worker holds one of its
 *   connections. It stays open when the backend stops.
 * @param soleOwner - no other process uses this database: jobs that are running when it is first reached were left by
 *   one that died, and wait again at once. Otherwise they do when their lock has run out.
 */
export function postgresBackend(pool: pg.Pool, soleOwner = false): QueueBackend {
  // BullMQ's own type of a pool, which @types/pg does not meet to the letter.
  if (!isPgPool(pool)) throw new TypeError('not a pg.Pool');
  // A client that is checked out has no listener of the pool's, and BullMQ gives it one only while it waits for
  // jobs: a connection that breaks in between would end the process. Whoever holds the client sees its query fail.
  pool.on('connect', (client) => client.on('error', () => {}));
  // BullMQ adds one for every queue and worker.
  pool.setMaxListeners(100);
  let prepared: Promise<void> | undefined;
  return {
    ready() {
      prepared ??= prepare(pool, soleOwner);
      prepared.catch(() => {
        prepared = undefined;
      });
      return prepared;
    },
    openQueue(name, onError) {
      const queue = new PostgresQueue(name, { connection: pool, streams: KEPT_EVENTS });
      queue.on('error', onError);
      return queue;
    },
    openWorker(name, processor, options, onError) {
      const worker = new PostgresWorker(name, processor, { ...options, connection: pool });
      worker.on('error', onError);
      return worker;
    },
    async stop() {},
  };
}

/** What BullMQ's own check for stalled jobs does, without waiting for their locks. */
const FREE_RUNNING_JOBS = `
UPDATE ${QUEUE_SCHEMA}.job
SET state = 'waiting', lock_token = NULL, locked_until_ms = NULL, stalled_marked = false
WHERE state = 'active'`;

/** Makes BullMQ's tables, or brings them up to date. Asks for no right to do so where there is nothing to do. */
async function prepare(pool: pg.Pool, soleOwner: boolean): Promise<void> {
  const client = await pool.connect();
  try {
    if ((await schemaVersion(client)) < LATEST_SCHEMA_VERSION) await runMigrations(client, QUEUE_SCHEMA);
    if (soleOwner) await client.query(FREE_RUNNING_JOBS);
  } finally {
    client.release();
  }
}

async function schemaVersion(client: pg.PoolClient): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, QUEUE_SCHEMA);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}
