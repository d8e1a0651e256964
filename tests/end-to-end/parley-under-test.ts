import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { catalogOfConfig } from '../../src/cli/catalog-of-config.js';
import { getFirstModels } from '../../src/cli/get-first-models.js';
import { type Parley, startParley } from '../../src/compose/parley.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { Clock } from '../../src/ports/process/clock.js';
import { createLog } from '../../src/process/logger.js';
import { systemClock } from '../../src/process/system-clock.js';
import { openDatabase } from '../../src/storage/open-database.js';
import type { DiscordDouble } from '../doubles/discord/discord-double.js';
import { writeScriptedModel } from '../doubles/gguf/models.js';
import type { ModelServer } from '../doubles/model-server/model-server.js';
import type { SlackDouble } from '../doubles/slack/slack-double.js';
import { freshDatabase } from '../doubles/storage/fresh-database.js';
import { prepareDataFolder } from '../fixtures/prepared-folder.js';
import { testServers } from '../fixtures/test-servers.js';

export interface UnderTestOptions {
  readonly discord?: DiscordDouble;
  readonly slack?: SlackDouble;
  readonly slackReceiver?: 'socket' | 'http';
  /** Answers as `hosted`, the default model. Without it, a scripted GGUF answers in the real engine. */
  readonly modelServer?: ModelServer;
  /** What the scripted GGUF says. */
  readonly reply?: string;
  /** parley.config.yaml beside what the above needs. */
  readonly file?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Takes the lines of the log. Default: standard error. */
  readonly logTo?: { write(line: string): void };
  /** Puts something into the data folder before the first start. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

/** The whole of Parley in this process, on real parts: adapters, queue, database, engine. */
export interface UnderTest {
  /** Changes with each `restart`. */
  readonly parley: Parley;
  readonly url: string;
  /** Where its processes meet; null where there is only one. */
  readonly redisUrl: string | null;
  /** Stops it and reads its database; `restart` goes on from there. */
  readDatabase(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Stops and starts again on the same data. @param meanwhile - what happens between */
  restart(meanwhile?: () => void): Promise<void>;
  /** Asks over HTTP as `user` and returns the answer's JSON. */
  ask(question: string, more?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export const SCRIPTED = 'Hello from the scripted model, every word of it as written.';

/**
 * Starts Parley as `parley start` would, from environment and configuration file. On the embedded database, or, where
 * DATABASE_URL and REDIS_URL are set, on a database of its own there.
 */
export async function startUnderTest(options: UnderTestOptions = {}): Promise<UnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-'));
  const server = await serverAddresses();
  const env = { ...server.env, ...environment(folder, options), ...options.env };
  await writeFile(path.join(folder, 'parley.config.yaml'), stringify(configFile(options)));
  if (server.env['DATABASE_URL'] === undefined) await prepareDataFolder(env.PARLEY_DATA_DIR);
  else await mkdir(env.PARLEY_DATA_DIR, { mode: 0o700 });
  await options.prepare?.(env.PARLEY_DATA_DIR);
  if (!options.modelServer) {
    writeScriptedModel(path.join(folder, 'scripted.gguf'), { reply: options.reply ?? SCRIPTED });
  }
  const start = async () => {
    const config = await loadConfig({ env, cwd: folder });
    const log = createLog(config.logLevel, options.logTo);
    const clock = options.clock ?? systemClock;
    const catalog = catalogOfConfig(config, { clock, log, env: process.env });
    const silent = { forModel: () => () => {}, stop: () => {} };
    const { signal } = new AbortController();
    await getFirstModels(catalog, { config, log, progress: silent, signal });
    const started = await startParley(config, { catalog, clock, log, serve: true, signal });
    await Promise.all(started.platforms.map(({ settled }) => settled));
    return started;
  };
  let parley = await start();
  const url = () => `http://127.0.0.1:${parley.address?.port}`;
  return {
    get parley() {
      return parley;
    },
    get url() {
      return url();
    },
    redisUrl: server.env['REDIS_URL'] ?? null,
    async readDatabase(sql) {
      await parley.stop();
      const { databaseUrl, dataDir } = await loadConfig({ env, cwd: folder });
      const url = databaseUrl === null ? {} : { url: databaseUrl };
      const database = await openDatabase({ ...url, dataDir, clock: systemClock, log: createLog('silent') });
      try {
        return (await database.pool.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await database.stop();
      }
    },
    async restart(meanwhile = () => {}) {
      await parley.stop();
      meanwhile();
      parley = await start();
    },
    async ask(question, more = {}) {
      const response = await fetch(`${url()}/api/question`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ question, user_id: 'ada', ...more }),
      });
      const body = (await response.json()) as Record<string, unknown>;
      return { status: response.status, ...body };
    },
    async stop() {
      await parley.stop();
      await server.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function environment(folder: string, { discord, slack, slackReceiver, modelServer }: UnderTestOptions) {
  return {
    PARLEY_DATA_DIR: path.join(folder, 'data'),
    PARLEY_PORT: '0',
    PARLEY_MODEL: modelServer ? 'hosted' : path.join(folder, 'scripted.gguf'),
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent',
    ...(modelServer ? { OPENAI_BASE_URL: modelServer.url } : {}),
    ...(discord ? { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl } : {}),
    ...(slack ? { SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: slack.apiUrl } : {}),
    ...(slack && slackReceiver !== 'http' ? { SLACK_APP_TOKEN: slack.appToken } : {}),
    ...(slack && slackReceiver === 'http' ? { SLACK_SIGNING_SECRET: slack.signingSecret } : {}),
  };
}

function configFile({ modelServer, file }: UnderTestOptions): object {
  const hosted = { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096 } };
  const models = { ...(modelServer ? hosted : {}), ...((file?.['models'] as object | undefined) ?? {}) };
  return { downloads: { allowed: false }, limits: { turnsPerMinute: 1000 }, ...file, models };
}

/** A database and a Redis of this test's own, where servers are given. */
async function serverAddresses(): Promise<{ env: Record<string, string>; drop(): Promise<void> }> {
  const servers = testServers();
  if (!servers) return { env: {}, drop: async () => {} };
  const { VITEST_POOL_ID = '1' } = process.env;
  const database = await freshDatabase(servers.databaseUrl);
  const redisUrl = new URL(servers.redisUrl);
  redisUrl.pathname = `/${(Number(VITEST_POOL_ID) % 15) + 1}`;
  const redis = new Redis(redisUrl.href);
  await redis.flushdb();
  return {
    env: { DATABASE_URL: database.url, REDIS_URL: redisUrl.href },
    drop: async () => {
      await redis.quit();
      await database.drop();
    },
  };
}
