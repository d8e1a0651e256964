import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import type { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { ModelServer } from '../../doubles/model-server/model-server.js';
import { freshDatabase } from '../../doubles/storage/fresh-database.js';
import { testServers } from '../../fixtures/test-servers.js';
import { type SpawnedParley, spawnParley } from '../spawn-parley.js';

export interface FleetOptions {
  readonly discord?: DiscordDouble;
  /** Answers as `hosted`, the default model, unless `file` names others. */
  readonly modelServer: ModelServer;
  /** parley.config.yaml beside what the above needs. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** Processes of Parley's that meet on a database and a Redis of their own. */
export interface ParleyFleet {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Starts `parley <command>` as a process of its own: `gateway`, `worker`, `web`, or `start`. */
  start(command: string, env?: Readonly<Record<string, string>>): Promise<SpawnedParley>;
  /** Ends all that were started, on the spot, and deletes their data. */
  remove(): Promise<void>;
}

export async function createParleyFleet(options: FleetOptions): Promise<ParleyFleet> {
  const servers = testServers();
  if (!servers) throw new Error('a fleet needs DATABASE_URL and REDIS_URL');
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-fleet-'));
  await writeFile(path.join(folder, 'parley.config.yaml'), stringify(configFile(options)));
  const database = await freshDatabase(servers.databaseUrl);
  const redisUrl = new URL(servers.redisUrl);
  redisUrl.pathname = `/${(Number(process.env['VITEST_POOL_ID'] ?? '1') % 15) + 1}`;
  const redis = new Redis(redisUrl.href);
  await redis.flushdb();
  const { discord, modelServer } = options;
  const common = {
    ...process.env,
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl.href,
    PARLEY_DATA_DIR: path.join(folder, 'data'),
    PARLEY_PORT: '0',
    PARLEY_MODEL: 'hosted',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
    OPENAI_BASE_URL: modelServer.url,
    ...(discord ? { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl } : {}),
  };
  const started: SpawnedParley[] = [];
  return {
    databaseUrl: database.url,
    redisUrl: redisUrl.href,
    async start(command, env = {}) {
      const spawned = await spawnParley(command, { cwd: folder, env: { ...common, ...env } });
      started.push(spawned);
      return spawned;
    },
    async remove() {
      await Promise.all(started.map((spawned) => spawned.end('SIGKILL')));
      await redis.flushdb();
      await redis.quit();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configFile({ file }: FleetOptions): object {
  return {
    models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096 } },
    downloads: { allowed: false },
    limits: { turnsPerMinute: 1000 },
    ...file,
  };
}
