import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationId } from '../../src/domain/turn.js';
import type { Database } from '../../src/storage/database/database.js';
import { PrismaConversationList } from '../../src/storage/memory/conversation-list.js';
import { PrismaKnownChannels } from '../../src/storage/memory/known-channels.js';
import { PrismaMemoryStore } from '../../src/storage/memory/memory-store.js';
import { PrismaPlaceDirectory } from '../../src/storage/memory/place-directory.js';
import { PrismaUserDirectory } from '../../src/storage/memory/user-directory.js';
import { PrismaApiKeyStore } from '../../src/storage/settings/api-key-store.js';
import { cachedSettingsStore } from '../../src/storage/settings/cached-settings-store.js';
import { PrismaInstallationStore } from '../../src/storage/settings/installation-store.js';
import { PrismaKeyValueStore } from '../../src/storage/settings/key-value-store.js';
import { PrismaLeases } from '../../src/storage/settings/leases.js';
import { PrismaSettingsStore } from '../../src/storage/settings/settings-store.js';
import { credentialBox } from '../../src/storage/turns/sealed-credentials.js';
import { PrismaTurnListing } from '../../src/storage/turns/turn-listing.js';
import { PrismaUsageStore } from '../../src/storage/turns/usage-store.js';
import { openMemoryDatabase } from '../fixtures/open-memory-database.js';
import { openFreshServerDatabase } from '../fixtures/open-test-database.js';
import { openTurns } from '../fixtures/open-turns.js';
import { onServersOnly, testDatabaseUrl } from '../fixtures/test-servers.js';
import { describeConversationList } from './memory/conversation-list.js';
import { describeKnownChannels } from './memory/known-channels.js';
import { describeMemoryStore } from './memory/memory-store.js';
import { describeChangedMessages } from './memory/memory-store-messages.js';
import { describePlaceDirectory } from './memory/place-directory.js';
import { describeUserDirectory } from './memory/user-directory.js';
import { describeApiKeys } from './settings/api-keys.js';
import { describeInstallationStore } from './settings/installation-store.js';
import { describeKeyValueStore } from './settings/key-value-store.js';
import { describeLeases } from './settings/leases.js';
import { describeSettingsStore } from './settings/settings-store.js';
import { describeReplacing } from './turns/replacing.js';
import { describeTurnListing } from './turns/turn-listing.js';
import { describeTurns } from './turns/turns.js';
import { describeUsageStore } from './turns/usage-store.js';

const serverUrl = testDatabaseUrl() ?? '';

describe.skipIf(onServersOnly())('embedded', () => {
  describeStores('the embedded database', openMemoryDatabase);
});
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
    const boxes = new Map([['discord', credentialBox(['a.bot.token'])]] as const);
    const turns = () => openTurns(database.prisma, boxes);
    const usage = () => new PrismaUsageStore(database.prisma);

    describeTurns(name, async () => ({ turns: turns(), stop }));
    const memoryStore = async () => {
      const told: ConversationId[] = [];
      return {
        memory: new PrismaMemoryStore(database.prisma, (id) => told.push(id)),
        turns: turns(),
        usage: usage(),
        forgotten: () => told.splice(0),
        everything: () => everyText(database.pool),
        stop,
      };
    };
    describeMemoryStore(name, memoryStore);
    describeChangedMessages(name, memoryStore);
    describeReplacing(name, async () => {
      const told: ConversationId[] = [];
      const { prisma } = database;
      return {
        memory: new PrismaMemoryStore(prisma, () => {}),
        turns: openTurns(prisma, boxes, (id) => told.push(id)),
        usage: usage(),
        forgotten: () => told.splice(0),
        everything: () => everyText(database.pool),
      };
    });
    describeConversationList(name, async () => ({
      list: new PrismaConversationList(database.prisma),
      memory: new PrismaMemoryStore(database.prisma, () => {}),
      settings: new PrismaSettingsStore(database.prisma),
      turns: turns(),
      everything: () => everyText(database.pool),
    }));
    describeSettingsStore(name, async () => ({ settings: new PrismaSettingsStore(database.prisma), stop }));
    describeSettingsStore(`${name}, read all at once`, async () => ({
      settings: cachedSettingsStore(new PrismaSettingsStore(database.prisma)),
      stop,
    }));
    test('settings are read all at once only of few places', async () => {
      const settings = new PrismaSettingsStore(database.prisma);
      for (const key of ['few', 'more']) await settings.change(key, { model: key });
      await settings.change('web/one', { model: 'small' });
      expect(await settings.all(1)).toBeNull();
      const all = await settings.all(100);
      expect(all?.get('few')).toEqual({ model: 'few' });
      expect(all?.has('web/one'), 'a conversation of which there may be many').toBe(false);
    });
    describeUsageStore(name, async () => ({ turns: turns(), usage: usage(), stop }));
    describeTurnListing(name, async () => ({
      listing: new PrismaTurnListing(database.prisma),
      turns: turns(),
      memory: new PrismaMemoryStore(database.prisma, () => {}),
    }));
    describeUserDirectory(name, async () => ({
      users: new PrismaUserDirectory(database.prisma),
      turns: turns(),
    }));
    describePlaceDirectory(name, async () => ({
      places: new PrismaPlaceDirectory(database.prisma),
      turns: turns(),
    }));
    describeApiKeys(name, async () => ({
      keys: new PrismaApiKeyStore(database.prisma),
      turns: turns(),
      usage: usage(),
      everything: async () => JSON.stringify((await database.pool.query('SELECT * FROM api_key')).rows),
      wasUsedEarlier: async (id, seconds) => {
        await database.pool.query(
          `UPDATE api_key SET last_used_at = last_used_at - make_interval(secs => $2) WHERE id = $1`,
          [id, seconds],
        );
      },
      withKeys: async (count, work) => {
        await database.pool.query(
          `INSERT INTO api_key (name, digest, shown) SELECT 'One of many', n::text, 'pk_' FROM generate_series(1, $1::int) AS n`,
          [count],
        );
        await work().finally(() => database.pool.query(`DELETE FROM api_key WHERE name = 'One of many'`));
      },
    }));
    describeKnownChannels(name, async () => ({
      known: new PrismaKnownChannels(database.prisma),
      turns: turns(),
    }));
    describeLeases(name, async () => new PrismaLeases(database.prisma));
    describeKeyValueStore(name, async () => ({ facts: new PrismaKeyValueStore(database.prisma), stop }));
    describeInstallationStore(name, async () => ({
      installations: (box) => new PrismaInstallationStore(database.prisma, box),
      everything: () => everyText(database.pool),
      moveToken: async (to, from) => {
        await database.pool.query(
          `UPDATE installation SET token = (SELECT token FROM installation WHERE workspace = $2) WHERE workspace = $1`,
          [to.workspace, from.workspace],
        );
      },
      stop,
    }));
  });
}

async function everyText(pool: pg.Pool): Promise<string> {
  const tables = [
    'conversation',
    'message',
    'turn',
    'part',
    'vote',
    'place_settings',
    'fact',
    'installation',
  ];
  const rows = await Promise.all(
    tables.map(async (table) => (await pool.query(`SELECT * FROM public.${table}`)).rows),
  );
  return JSON.stringify(rows);
}
