import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../../src/storage/database/database.js';
import {
  applyMigrations,
  MIGRATIONS_FOLDER,
  type Migration,
  pendingMigrations,
  readMigrations,
} from '../../../../src/storage/database/migrations.js';
import { openTestDatabase } from '../../../fixtures/open-test-database.js';

const migration = (name: string, checksum = name): Migration => ({ name, sql: '', checksum });
const applied = (name: string, finished = true, checksum = name) => ({ name, checksum, finished });

describe('which migrations are still to be applied', () => {
  const known = [migration('1'), migration('2'), migration('3')];

  test('those the ledger lacks, in order', () => {
    expect(pendingMigrations(known, [])).toEqual(known);
    expect(pendingMigrations(known, [applied('1')])).toEqual(known.slice(1));
    expect(
      pendingMigrations(
        known,
        known.map(({ name }) => applied(name)),
      ),
    ).toEqual([]);
  });

  test.each([
    ['one this build does not know', [applied('1'), applied('4')], /newer than this build.*4/],
    ['one that failed', [applied('1', false)], /1 failed in this database before/],
    ['one that was edited since', [applied('1', true, 'other')], /1 was edited after it was applied/],
  ])('none where the ledger has %s', (_name, ledger, message) => {
    expect(() => pendingMigrations(known, ledger)).toThrow(
      expect.objectContaining({ kind: 'setup', retryable: false, message: expect.stringMatching(message) }),
    );
  });
});

describe('applying migrations', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database?.stop());

  test('has nothing left to do on an open database, and keeps the ledger as Prisma does', async () => {
    const known = await readMigrations(MIGRATIONS_FOLDER);
    expect(await applyMigrations(database.pool, known)).toEqual([]);
    const { rows } = await database.pool.query(
      'SELECT migration_name, checksum, applied_steps_count, rolled_back_at, logs FROM _prisma_migrations ORDER BY 1',
    );
    expect(rows).toEqual(
      known.map(({ name, checksum }) => ({
        migration_name: name,
        checksum,
        applied_steps_count: 1,
        rolled_back_at: null,
        logs: null,
      })),
    );
  });

  test('leaves nothing of a migration that fails, and goes on once it is mended', async () => {
    const known = await readMigrations(MIGRATIONS_FOLDER);
    const broken = {
      name: '9_more',
      checksum: 'a',
      sql: 'CREATE TABLE more (n int); SELECT no_such_column;',
    };
    await expect(applyMigrations(database.pool, [...known, broken])).rejects.toMatchObject({
      kind: 'setup',
      message: expect.stringMatching(/9_more failed: .*no_such_column/),
    });
    const { rows } = await database.pool.query("SELECT to_regclass('public.more') AS found");
    expect(rows).toEqual([{ found: null }]);
    const mended = { ...broken, checksum: 'b', sql: 'CREATE TABLE more (n int);' };
    // The embedded database has one owner and one session, in which the lock holds nobody back.
    const processes = database.kind === 'server' ? 2 : 1;
    const applied = await Promise.all(
      Array.from({ length: processes }, () => applyMigrations(database.pool, [...known, mended])),
    );
    expect(applied.flat()).toEqual(['9_more']);
  });

  test('gives no table a name that BullMQ uses', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const taken = ['job', 'migration', 'event', 'meta', 'dedup', 'queue', 'log'];
    expect(rows.map(({ name }) => name).filter((name) => taken.includes(name))).toEqual([]);
  });
});
