import path from 'node:path';
import { OwnRedis } from '../chaos/own-redis.js';
import { freshDatabase } from '../doubles/storage/fresh-database.js';
import { testDatabaseUrl } from '../fixtures/test-servers.js';

export type StorageKind = 'embedded' | 'servers';

/** Where a lane's processes keep what they know. */
export interface LaneStorage {
  readonly env: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, string>>;
  /** For `readTurns`, once the process has ended. */
  readonly place: { readonly url: string } | { readonly dataDir: string };
  stop(): Promise<void>;
}

/**
 * @param folder - of the lane
 * @throws {Error} for `servers` where DATABASE_URL is unset or no redis-server is installed
 */
export async function openStorage(kind: StorageKind, folder: string): Promise<LaneStorage> {
  if (kind === 'embedded') {
    return { env: {}, ports: {}, place: { dataDir: path.join(folder, 'data') }, stop: async () => {} };
  }
  const server = testDatabaseUrl();
  if (!server) throw new Error('DATABASE_URL is unset');
  const database = await freshDatabase(server);
  const redis = await OwnRedis.start(folder);
  return {
    env: { DATABASE_URL: database.url, REDIS_URL: `redis://127.0.0.1:${redis.port}` },
    ports: { [new URL(database.url).port || '5432']: 'PostgreSQL', [redis.port]: 'Redis' },
    place: { url: database.url },
    async stop() {
      await redis.kill();
      await database.drop();
    },
  };
}
