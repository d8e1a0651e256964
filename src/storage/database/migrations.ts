import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { ExpectedFailure } from '../../domain/failure.js';
import { PACKAGE_ROOT } from '../../process/compiled-entry.js';

/** The migrations this build brings. */
export const MIGRATIONS_FOLDER = path.join(PACKAGE_ROOT, 'prisma', 'migrations');

/** Prisma's own advisory lock: two processes, or one and `prisma migrate deploy`, never migrate at once. */
const PRISMA_LOCK = 72_707_369;

/** As Prisma's engine makes it, so that Prisma's own tools agree with what was applied here. */
const LEDGER = `CREATE TABLE IF NOT EXISTS public._prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** One folder of prisma/migrations. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, in hex. */
  readonly checksum: string;
}

/** One row of Prisma's ledger. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** Reads a migrations folder, in the order of its names. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(path.join(folder, name, 'migration.sql'));
      return {
        name,
        sql: bytes.toString('utf8'),
        checksum: createHash('sha256').update(bytes).digest('hex'),
      };
    }),
  );
}

/**
 * Which of `known` are still to be applied, in order.
 *
 * @throws {ExpectedFailure} `setup` where the ledger and this build do not fit together
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  const ledger = new Map(applied.map((migration) => [migration.name, migration]));
  const names = new Set(known.map(({ name }) => name));
  const newer = applied.find(({ name }) => !names.has(name));
  if (newer) {
    throw new ExpectedFailure(
      'setup',
      `the database is newer than this build: it has the migration ${newer.name}, which this build does not know. Start the newer build, or restore a backup`,
    );
  }
  for (const { name, checksum } of known) {
    const row = ledger.get(name);
    if (row && !row.finished) {
      throw new ExpectedFailure(
        'setup',
        `the migration ${name} failed in this database before: mend it, then mark it with "prisma migrate resolve"`,
      );
    }
    if (row && row.checksum !== checksum) {
      throw new ExpectedFailure(
        'setup',
        `the migration ${name} was edited after it was applied: restore the file as it was, and put changes into a new migration`,
      );
    }
  }
  return known.filter(({ name }) => !ledger.has(name));
}

/**
 * Brings the database up to `migrations` without Prisma's engine: each in a transaction of its own, recorded in
 * Prisma's ledger.
 *
 * @returns names of those applied now
 * @throws {ExpectedFailure} `setup`, see {@link pendingMigrations}, or where one fails: nothing of that one stays
 */
export async function applyMigrations(pool: pg.Pool, migrations: readonly Migration[]): Promise<string[]> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    // Waiting for another process's migrations may take longer than a query may.
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    try {
      return await applyLocked(client, migrations);
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [PRISMA_LOCK]);
      await client.query('RESET statement_timeout');
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    // A connection that failed half way may still hold the lock: closing it gives the lock back.
    client.release(failure !== undefined);
  }
}

async function applyLocked(client: pg.PoolClient, migrations: readonly Migration[]): Promise<string[]> {
  await client.query(LEDGER);
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM public._prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  const pending = pendingMigrations(migrations, rows);
  for (const migration of pending) await applyOne(client, migration);
  return pending.map(({ name }) => name);
}

async function applyOne(client: pg.PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SET LOCAL search_path = public');
    await client.query(sql);
    await client.query(
      `INSERT INTO public._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpectedFailure('setup', `the migration ${name} failed: ${reason}`, { cause: error });
  }
}
