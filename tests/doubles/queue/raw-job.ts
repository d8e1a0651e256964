import { createPostgresBackend, isPgPool, withBackend } from 'bullmq';
import type pg from 'pg';

const { Queue } = withBackend(createPostgresBackend);

/** Puts a payload of any shape into a queue on PostgreSQL, past every check. */
export async function addRawJob(pool: pg.Pool, name: string, data: unknown): Promise<void> {
  if (!isPgPool(pool)) throw new TypeError('not a pg.Pool');
  const queue = new Queue(name, { connection: pool });
  await queue.add(name, data);
  await queue.close();
}
