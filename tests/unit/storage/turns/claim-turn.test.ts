import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../../src/storage/database/database.js';
import { someoneWaits } from '../../../doubles/storage/someone-waits.js';
import { incoming, newChannel } from '../../../fixtures/incoming-message.js';
import { openFreshServerDatabase } from '../../../fixtures/open-test-database.js';
import { openTurns, type Turns } from '../../../fixtures/open-turns.js';
import { testDatabaseUrl } from '../../../fixtures/test-servers.js';

const serverUrl = testDatabaseUrl() ?? '';
const LEASE_MS = 60_000;

describe.skipIf(serverUrl === '')(
  'with DATABASE_URL, a claim that waits for another writer of the turn',
  () => {
    let database: Database;
    let turns: Turns;
    beforeAll(async () => {
      database = await openFreshServerDatabase(serverUrl);
      turns = openTurns(database.prisma);
    });
    afterAll(() => database?.stop());

    /** Claims while a transaction makes `change` to the turn, and commits once the claim waits for it. */
    async function claimDuring(turnId: number, conversationId: number, change: string) {
      const other = await database.pool.connect();
      await other.query('BEGIN');
      await other.query(`UPDATE turn SET ${change} WHERE id = $1`, [turnId]);
      const claiming = turns.claims.claimNext(conversationId, 'two', LEASE_MS);
      await someoneWaits(database.pool);
      await other.query('COMMIT');
      other.release();
      return claiming;
    }

    test.each([
      ['cancels', `state = 'cancelled'`],
      ['ends', `state = 'failed'`],
    ])('does not begin again what that one %s', async (_name, change) => {
      const { turnId, conversationId } = await turns.recorder.record(incoming(newChannel()), 'channel');
      expect(await claimDuring(turnId, conversationId, change)).toBeNull();
      expect((await turns.lookup.find(turnId))?.state).toMatch(/cancelled|failed/);
    });

    test('does not end a lease that its holder prolonged at the last moment', async () => {
      const { turnId, conversationId } = await turns.recorder.record(incoming(newChannel()), 'channel');
      const first = await turns.claims.claimNext(conversationId, 'one', 0);
      const prolonged = `lease_until = clock_timestamp() + interval '1 minute'`;
      expect(await claimDuring(turnId, conversationId, prolonged)).toBeNull();
      expect(first && (await turns.claims.renew(first, LEASE_MS)).held).toBe(true);
    });
  },
);
