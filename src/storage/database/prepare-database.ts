import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Log } from '../../ports/process/log.js';
import { PrismaClient } from '../generated/client.js';
import { applyMigrations, MIGRATIONS_FOLDER, readMigrations } from './migrations.js';

/** More statements than Parley has. Lists of many lengths make more: those beyond are planned each time. */
const MOST_NAMES = 300;

/**
 * Applies this build's migrations and puts Prisma's client on the pool.
 *
 * @param migrating - the pool that migrations go through, where those may take longer than other queries
 * @throws {ExpectedFailure} `setup` where the database does not fit this build
 */
export async function prepareDatabase(pool: pg.Pool, log: Log, migrating = pool): Promise<PrismaClient> {
  const applied = await applyMigrations(migrating, await readMigrations(MIGRATIONS_FOLDER));
  if (applied.length > 0) log.info({ migrations: applied }, 'database migrated');
  // Errors of the other formats quote more of the query; `reaching` takes out what this one still quotes.
  const nameOf = statementNames();
  const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => nameOf(sql) });
  return new PrismaClient({ adapter, errorFormat: 'minimal' });
}

/**
 * Names for statements by their text, so that each connection plans a statement once: on a server planning is more
 * than half of what recording a turn takes.
 *
 * @returns the name, or an empty one for a statement that is not to be kept
 */
function statementNames(): (sql: string) => string {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MOST_NAMES) return '';
    const name = `s${names.size}`;
    names.set(sql, name);
    return name;
  };
}
