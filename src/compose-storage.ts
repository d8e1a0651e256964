import type { ParleyConfig } from './config/parley-config.js';
import type { ConversationId } from './domain/turn.js';
import type { Clock } from './ports/clock.js';
import type { Log } from './ports/log.js';
import { cachedSettingsStore } from './storage/cached-settings-store.js';
import type { Database } from './storage/database.js';
import { PrismaHistoryReader } from './storage/history-reader.js';
import { PrismaKeyValueStore } from './storage/key-value-store.js';
import { PrismaMemoryStore } from './storage/memory-store.js';
import { openDatabase } from './storage/open-database.js';
import { PrismaSettingsStore } from './storage/settings-store.js';
import { PrismaTurnExports } from './storage/turn-exports.js';
import { PrismaTurnStore } from './storage/turn-store.js';
import { PrismaUsageStore } from './storage/usage-store.js';

/**
 * Opens the database and puts the stores on it.
 *
 * @param deps.onForgotten - told of each conversation that lost text
 * @throws {ExpectedFailure} `setup`
 */
export async function composeStorage(
  config: ParleyConfig,
  deps: { readonly clock: Clock; readonly log: Log; readonly onForgotten: (id: ConversationId) => void },
) {
  const { clock, log, onForgotten } = deps;
  const url = config.databaseUrl === null ? {} : { url: config.databaseUrl };
  const database: Database = await openDatabase({ ...url, dataDir: config.dataDir, clock, log });
  const { prisma } = database;
  return {
    database,
    stores: {
      turns: new PrismaTurnStore(prisma),
      memory: new PrismaMemoryStore(prisma, onForgotten),
      settings: cachedSettingsStore(new PrismaSettingsStore(prisma)),
      usage: new PrismaUsageStore(prisma),
      facts: new PrismaKeyValueStore(prisma),
      history: new PrismaHistoryReader(prisma),
      exports: new PrismaTurnExports(prisma),
    },
    check: async () => {
      try {
        await prisma.$queryRaw`SELECT 1`;
        return { name: 'database', ok: true };
      } catch {
        return { name: 'database', ok: false, reason: 'The database is out of reach.' };
      }
    },
    stop: () => database.stop(),
  };
}
