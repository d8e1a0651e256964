import type pg from 'pg';
import type { PrismaClient } from '../generated/client.js';

/** An open database with its tables up to date. */
export interface Database {
  readonly kind: 'embedded' | 'server';
  /** The stores' own. */
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /**
   * For BullMQ's PostgreSQL backend, whose tables live in the schema `bullmq`. It opens no connection until it is
   * used. Its owner ends it: `stop()` does.
   */
  readonly queuePool: pg.Pool;
  /** Ends what the database needs, within about 10 s. May be called twice. */
  stop(): Promise<void>;
}
