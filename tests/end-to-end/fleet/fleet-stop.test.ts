import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { answer } from '../../doubles/model-server/reply.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

/** Two minutes of it. */
const AT_LENGTH = answer(Array.from({ length: 1200 }, (_, i) => `word${i}`).join(' '), { paceMs: 100 });
const FINISH_SECONDS = 1;
/** README.md, "Stopping": what a process needs beside the time its replies get. */
const STOP_MS = FINISH_SECONDS * 1_000 + 20_000;
/** What starting four takes at most where nothing else runs, in ms; what it takes longer, stopping them may too. */
const QUIET_START_MS = 10_000;

interface Networks {
  readonly redis: TcpProxy;
  readonly database: TcpProxy;
}

const OUTAGES: readonly (readonly [string, (networks: Networks) => unknown])[] = [
  ['Redis is gone', ({ redis }) => redis.cut()],
  ['PostgreSQL hangs', ({ database }) => database.freeze()],
  [
    'both hang',
    ({ redis, database }) => {
      redis.freeze();
      database.freeze();
    },
  ],
];

describe.skipIf(!testServers())('processes that are asked to stop', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let networks: Networks;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer({ script: () => AT_LENGTH });
    fleet = await createParleyFleet({
      discord,
      modelServer: server,
      file: { worker: { finishSeconds: FINISH_SECONDS } },
    });
    const [redis, database] = [new URL(fleet.redisUrl), new URL(fleet.databaseUrl)];
    networks = {
      redis: await TcpProxy.open(redis.hostname, Number(redis.port || 6379)),
      database: await TcpProxy.open(database.hostname, Number(database.port || 5432)),
    };
    redis.host = `127.0.0.1:${networks.redis.port}`;
    database.host = `127.0.0.1:${networks.database.port}`;
    env = { REDIS_URL: redis.href, DATABASE_URL: database.href };
  });
  afterEach(async () => {
    await fleet.remove();
    await Promise.all([networks.redis.cut(), networks.database.cut(), server.close(), discord.stop()]);
  });

  test.each(OUTAGES)('end in time while %s', async (_, strike) => {
    const roles = ['worker', 'gateway', 'web', 'start'];
    const began = performance.now();
    const processes = await Promise.all(roles.map((role) => fleet.start(role, env)));
    const lateMs = Math.max(0, performance.now() - began - QUIET_START_MS);
    await discord.waitForBot(1);
    discord.person.say(discord.channel, 'at length, please', { mention: true });
    await discord.waitForReply(({ content }) => /^word0 word1/.test(content));
    await strike(networks);
    const asked = performance.now();
    const took = await Promise.all(
      processes.map(async (process) => {
        expect(await process.end('SIGTERM')).toBe(0);
        return performance.now() - asked;
      }),
    );
    for (const ms of took) expect(ms).toBeLessThan(STOP_MS + lateMs);
  });
});
