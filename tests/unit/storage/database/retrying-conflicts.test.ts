import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../../src/storage/database/database.js';
import { retryingConflicts } from '../../../../src/storage/database/retrying-conflicts.js';
import { PrismaMemoryStore } from '../../../../src/storage/memory/memory-store.js';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { someoneWaits } from '../../../doubles/storage/someone-waits.js';
import { incoming, newAuthor, newChannel } from '../../../fixtures/incoming-message.js';
import { openFreshServerDatabase } from '../../../fixtures/open-test-database.js';
import { openTurns } from '../../../fixtures/open-turns.js';
import { testDatabaseUrl } from '../../../fixtures/test-servers.js';

const serverUrl = testDatabaseUrl() ?? '';
const conflict = (code: string) => Object.assign(new Error('lost'), { code });

test('a statement that keeps losing is given up, and any other failure is not tried again', async () => {
  let runs = 0;
  const losing = (code: string) =>
    retryingConflicts(async () => {
      runs++;
      throw conflict(code);
    });
  await expect(losing('40001')).rejects.toMatchObject({ code: '40001' });
  expect(runs).toBe(5);
  await expect(losing('23505')).rejects.toMatchObject({ code: '23505' });
  expect(runs).toBe(6);
});

describe.skipIf(serverUrl === '')('with DATABASE_URL', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openFreshServerDatabase(serverUrl);
  });
  afterAll(() => database?.stop());

  test('a forgetting that PostgreSQL ends to resolve a deadlock is made again', async () => {
    const turns = openTurns(database.prisma);
    const memory = new PrismaMemoryStore(database.prisma, () => {});
    await awaitCondition(async () => {
      const author = newAuthor();
      const { turnId } = await turns.recorder.record(
        incoming(newChannel(), { author, text: 'secret' }),
        'channel',
      );
      return losesTo(
        `SELECT id FROM message WHERE author_key = '${author.key}' FOR UPDATE`,
        turnId,
        async () => expect(await memory.forgetAuthor(author.key)).toBe(1),
      );
    });
  });

  test('so is the ending of turns that have nowhere to go any more', async () => {
    const turns = openTurns(database.prisma);
    await awaitCondition(async () => {
      const target = { platform: 'slack', team: newAuthor().id } as const;
      const first = await turns.recorder.record(incoming(newChannel(), { target }), 'channel');
      const second = await turns.recorder.record(incoming(newChannel(), { target }), 'channel');
      const touch = `UPDATE turn SET attempt = attempt WHERE id = ${second.turnId}`;
      return losesTo(touch, first.turnId, async () => {
        const { ended } = await turns.control.abandon(target);
        expect(new Set(ended)).toEqual(new Set([first.turnId, second.turnId]));
      });
    });
  });

  /**
   * Does `work` while a transaction, which holds what `lock` locks, reaches for a turn that `work` holds by then.
   * Whoever waits looks for a deadlock after 1 s, and loses: on a busy machine that may be the transaction.
   *
   * @returns whether it was `work` that lost
   */
  async function losesTo(lock: string, turnId: number, work: () => Promise<void>): Promise<boolean> {
    const other = await database.pool.connect();
    await other.query('BEGIN');
    await other.query(lock);
    const before = await deadlocks();
    const working = work();
    await someoneWaits(database.pool);
    const won = await other.query('UPDATE turn SET attempt = attempt WHERE id = $1', [turnId]).then(
      () => true,
      () => false,
    );
    await other.query(won ? 'COMMIT' : 'ROLLBACK');
    other.release();
    await working;
    // Statistics come a little later.
    await awaitCondition(async () => (await deadlocks()) > before);
    return won;
  }

  async function deadlocks(): Promise<number> {
    const { rows } = await database.pool.query<{ deadlocks: number }>(
      'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
    );
    return rows[0]?.deadlocks ?? 0;
  }
});
