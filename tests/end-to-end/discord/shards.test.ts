import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet, type ParleyFleet } from '../fleet/parley-fleet.js';
import type { SpawnedParley } from '../spawn-parley.js';

describe.skipIf(!testServers())('two gateways of a bot with two shards', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let gateways: SpawnedParley[];
  let guilds: string[];
  let database: pg.Client;
  let asked = 0;

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    discord.rest.shards = 2;
    discord.gateway.identifyEveryMs = 5_000;
    guilds = [];
    // A server on each shard: which one it is on goes by the millisecond of its making.
    await awaitCondition(() => {
      const { id } = discord.world.addGuild('on one of them');
      guilds[Number((BigInt(id) >> 22n) % 2n)] = id;
      return guilds[0] !== undefined && guilds[1] !== undefined;
    }, 1);
    server = await startModelServer({
      script: ({ messages }) => `Answer to ${/number \d+/.exec(messages.at(-1)?.content ?? '')?.[0]}.`,
    });
    fleet = await createParleyFleet({ discord, modelServer: server });
    database = new pg.Client({ connectionString: fleet.databaseUrl });
    await database.connect();
    await fleet.start('worker');
    gateways = await Promise.all([fleet.start('gateway'), fleet.start('gateway')]);
  });
  afterAll(async () => {
    await database.end();
    await fleet.remove();
    await server.close();
    await discord.stop();
  });

  const moments = (what: string) =>
    discord.log.entries.filter((entry) => entry.type === 'gateway' && entry.what === what).length;
  /** Resolves when both shards are held, by so many gateways. */
  const awaitHolders = (count: number) =>
    awaitCondition(async () => {
      const { rows } = await database.query<{ owner: string }>(
        `SELECT value::jsonb ->> 'owner' AS owner FROM fact WHERE key LIKE 'lease/discord/bot-%/shard/%'
          AND (value::jsonb ->> 'until')::float8 > extract(epoch FROM clock_timestamp()) * 1000`,
      );
      return rows.length === 2 && new Set(rows.map(({ owner }) => owner)).size === count;
    }, 100);
  /** Asks in a new channel of a server on each shard. */
  function ask() {
    return guilds.map((guildId) => {
      const number = asked++;
      const channel = discord.world.addChannel({ kind: 'text', name: `channel-${number}`, guildId });
      discord.person.say(channel, `number ${number}`, { mention: true });
      return { channel, text: `Answer to number ${number}.` };
    });
  }
  async function expectAnsweredOnce(questions: readonly ReturnType<typeof ask>[]): Promise<void> {
    const all = questions.flat();
    await Promise.all(
      all.map(({ channel, text }) => discord.waitForReply(({ content }) => content === text, channel)),
    );
    for (const { channel } of all) expect(discord.replies(channel)).toHaveLength(1);
  }

  test('each begins a session in its time, and has one of them', async () => {
    await awaitCondition(() => moments('identified') === 2);
    await awaitHolders(2);
    await expectAnsweredOnce([ask()]);
    expect(moments('refused')).toBe(0);
  });

  test('where one is stopped the other goes on with both; one that joins is given its share again', async () => {
    const before = [ask(), ask()];
    const [leaving, staying] = gateways;
    const ended = leaving?.end('SIGTERM');
    const meanwhile = [ask(), ask()];
    expect(await ended).toBe(0);
    await awaitHolders(1);
    const next = await fleet.start('gateway');
    const after = [ask(), ask()];
    await awaitHolders(2);
    const last = [ask(), ask()];
    await expectAnsweredOnce([...before, ...meanwhile, ...after, ...last]);
    await staying?.end('SIGKILL');
    await expectAnsweredOnce([ask(), ask()]);
    await awaitHolders(1);
    expect(moments('identified')).toBe(2);
    expect(moments('refused')).toBe(0);
    await next.end('SIGTERM');
  });
});
