import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeStorage } from '../../src/compose/storage.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { ParleyConfig } from '../../src/config/parley-config.js';
import { StopStack } from '../../src/process/stop-stack.js';
import { systemClock } from '../../src/process/system-clock.js';
import { OwnRedis } from '../../tests/chaos/own-redis.js';
import { freshDatabase } from '../../tests/doubles/storage/fresh-database.js';

export type BackendName = 'embedded' | 'servers';

export const LOG = { debug() {}, info() {}, warn() {}, error() {} };

const DATABASE_SERVER = process.env['DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres';

/** A data folder, or a database and a Redis, that nobody used before. */
export interface Backend {
  readonly name: BackendName;
  readonly folder: string;
  /** For a process of Parley on it. */
  readonly env: Readonly<Record<string, string>>;
  readonly config: ParleyConfig;
}

/** @param stops - removes it again */
export async function freshBackend(name: BackendName, stops: StopStack): Promise<Backend> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-load-'));
  stops.add(() => rm(folder, { recursive: true, force: true }));
  const env = { PARLEY_DATA_DIR: path.join(folder, 'data'), ...(await serversFor(name, folder, stops)) };
  return { name, folder, env, config: await loadConfig({ env, cwd: folder }) };
}

async function serversFor(name: BackendName, folder: string, stops: StopStack) {
  if (name === 'embedded') return {};
  const database = await freshDatabase(DATABASE_SERVER);
  stops.add(() => database.drop());
  const redis = await OwnRedis.start(folder);
  stops.add(() => redis.kill());
  return { DATABASE_URL: database.url, REDIS_URL: `redis://127.0.0.1:${redis.port}` };
}

export type Storage = Awaited<ReturnType<typeof composeStorage>>;

/** The stores on a backend of their own. */
export async function freshStorage(name: BackendName, stops: StopStack): Promise<Storage> {
  const { config } = await freshBackend(name, stops);
  const storage = await composeStorage(config, { clock: systemClock, log: LOG, onForgotten: () => {} });
  stops.add(() => storage.stop());
  return storage;
}

/** Runs `work` and then undoes all that it added, the newest first. */
export async function withStops<T>(work: (stops: StopStack) => Promise<T>): Promise<T> {
  const stops = new StopStack(LOG, 60_000);
  try {
    return await work(stops);
  } finally {
    await stops.run();
  }
}
