import { describe } from 'vitest';
import { systemClock } from '../../../src/process/system-clock.js';
import type { Database } from '../../../src/storage/database/database.js';
import { openServer } from '../../../src/storage/database/open-server.js';
import { PrismaHistoryReader } from '../../../src/storage/memory/history-reader.js';
import { PrismaMemoryStore } from '../../../src/storage/memory/memory-store.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { freshDatabase } from '../../doubles/storage/fresh-database.js';
import { openMemoryDatabase } from '../../fixtures/open-memory-database.js';
import { openTurns } from '../../fixtures/open-turns.js';
import { onServersOnly, testDatabaseUrl } from '../../fixtures/test-servers.js';
import { describeHistoryReader, type HistoryFixture } from './history-reader.js';

const outside = { clock: systemClock, log: new RecordedLog() };
const serverUrl = testDatabaseUrl();

describe.skipIf(onServersOnly())('in this process', () => {
  describeHistoryReader('embedded', async () => storesOf(await openMemoryDatabase()));
});

describe.skipIf(!serverUrl)('with DATABASE_URL', () => {
  describeHistoryReader('PostgreSQL', async () => {
    const fresh = await freshDatabase(serverUrl ?? '');
    const stores = storesOf(await openServer({ url: fresh.url, ...outside }));
    return {
      ...stores,
      async close() {
        await stores.close();
        await fresh.drop();
      },
    };
  });
});

function storesOf(database: Database): HistoryFixture {
  const { prisma } = database;
  return {
    history: new PrismaHistoryReader(prisma),
    turns: openTurns(prisma),
    memory: new PrismaMemoryStore(prisma, () => {}),
    close: () => database.stop(),
  };
}
