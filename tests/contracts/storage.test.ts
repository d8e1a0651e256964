import type pg from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import type { ConversationId } from '../../src/domain/turn.js';
import type { Database } from '../../src/storage/database.js';
import { PrismaKeyValueStore } from '../../src/storage/key-value-store.js';
import { PrismaMemoryStore } from '../../src/storage/memory-store.js';
import { PrismaSettingsStore } from '../../src/storage/settings-store.js';
import { PrismaTurnStore } from '../../src/storage/turn-store.js';
import { PrismaUsageStore } from '../../src/storage/usage-store.js';
import { openFreshServerDatabase, openMemoryDatabase } from '../fixtures/open-test-database.js';
import { describeKeyValueStore } from './key-value-store.js';
import { describeMemoryStore } from './memory-store.js';
import { describeSettingsStore } from './settings-store.js';
import { describeTurnStore } from './turn-store.js';
import { describeUsageStore } from './usage-store.js';

const serverUrl = process.env['DATABASE_URL'] ?? '';

describeStores('the embedded database', openMemoryDatabase);
describe.skipIf(serverUrl === '')('with DATABASE_URL', () => {
  describeStores('PostgreSQL', () => openFreshServerDatabase(serverUrl));
});

/** All stores on one database: opening one takes a second, and each test has keys of its own. */
function describeStores(name: string, openDatabase: () => Promise<Database>): void {
  describe(`stores on ${name}`, () => {
    let database: Database;
    beforeAll(async () => {
      database = await openDatabase();
    });
    afterAll(() => database?.stop());

    const stop = async () => undefined;
    const turns = () => new PrismaTurnStore(database.prisma);
    const usage = () => new PrismaUsageStore(database.prisma);

    describeTurnStore(name, async () => ({ turns: turns(), stop }));
    describeMemoryStore(name, async () => {
      const told: ConversationId[] = [];
      return {
        memory: new PrismaMemoryStore(database.prisma, (id) => told.push(id)),
        turns: turns(),
        usage: usage(),
        forgotten: () => told.splice(0),
        everything: () => everyText(database.pool),
        stop,
      };
    });
    describeSettingsStore(name, async () => ({ settings: new PrismaSettingsStore(database.prisma), stop }));
    describeUsageStore(name, async () => ({ turns: turns(), usage: usage(), stop }));
    describeKeyValueStore(name, async () => ({ facts: new PrismaKeyValueStore(database.prisma), stop }));
  });
}

async function everyText(pool: pg.Pool): Promise<string> {
  const tables = ['conversation', 'message', 'turn', 'part', 'vote', 'place_settings', 'fact'];
  const rows = await Promise.all(
    tables.map(async (table) => (await pool.query(`SELECT * FROM public.${table}`)).rows),
  );
  return JSON.stringify(rows);
}
