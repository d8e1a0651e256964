import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Log } from '../ports/log.js';
import { PrismaClient } from './generated/client.js';
import { applyMigrations, MIGRATIONS_FOLDER, readMigrations } from './migrations.js';

/**
 * Applies this build's migrations and puts Prisma's client on the pool.
 *
 * @throws {ExpectedFailure} `setup` where the database does not fit this build
 */
export async function prepareDatabase(pool: pg.Pool, log: Log): Promise<PrismaClient> {
  const applied = await applyMigrations(pool, await readMigrations(MIGRATIONS_FOLDER));
  if (applied.length > 0) log.info({ migrations: applied }, 'database migrated');
  // Errors of the other formats quote the values of the query: what people wrote.
  return new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
}
