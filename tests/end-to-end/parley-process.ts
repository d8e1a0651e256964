import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import type { DiscordDouble } from '../doubles/discord/discord-double.js';
import type { ModelServer } from '../doubles/model-server/model-server.js';
import { prepareDataFolder } from '../fixtures/prepared-folder.js';
import { type SpawnedParley, spawnParley } from './spawn-parley.js';

/** `parley start` as a process of its own, on the embedded database: what a kill takes away is really gone. */
export interface ParleyProcess {
  /** Base address of the HTTP API; another one after each start. */
  readonly url: string;
  /** Starts it on the same data and resolves when it has told where it listens. */
  start(): Promise<void>;
  /** Ends it on the spot, with no chance to do anything. */
  kill(): Promise<void>;
  /** Asks it to stop, and resolves with its exit code. */
  terminate(): Promise<number | null>;
  /** Ends it for good, and deletes its data. */
  remove(): Promise<void>;
}

export async function createParleyProcess(
  discord: DiscordDouble,
  modelServer: ModelServer,
): Promise<ParleyProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-'));
  await writeFile(
    path.join(folder, 'parley.config.yaml'),
    stringify({
      models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096 } },
      downloads: { allowed: false },
      limits: { turnsPerMinute: 1000 },
    }),
  );
  await prepareDataFolder(path.join(folder, 'data'));
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env;
  const env = {
    ...inherited,
    PARLEY_DATA_DIR: path.join(folder, 'data'),
    PARLEY_PORT: '0',
    PARLEY_MODEL: 'hosted',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
    OPENAI_BASE_URL: modelServer.url,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
  };
  let running: SpawnedParley | undefined;

  return {
    get url() {
      return running?.url ?? '';
    },
    async start() {
      running = await spawnParley('start', { cwd: folder, env });
    },
    async kill() {
      await running?.end('SIGKILL');
    },
    terminate: async () => (await running?.end('SIGTERM')) ?? null,
    async remove() {
      await running?.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
