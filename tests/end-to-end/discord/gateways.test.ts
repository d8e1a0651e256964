import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import { threeAnswersMs } from '../answer-times.js';
import { createParleyFleet, type ParleyFleet } from '../fleet/parley-fleet.js';
import type { SpawnedParley } from '../spawn-parley.js';

describe.skipIf(!testServers())('two gateways of one bot', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let active: SpawnedParley;
  let standby: SpawnedParley;
  let asked = 0;

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer({
      script: ({ messages }) => `Answer to ${/number \d+/.exec(messages.at(-1)?.content ?? '')?.[0]}.`,
    });
    fleet = await createParleyFleet({ discord, modelServer: server });
    await fleet.start('worker');
    active = await fleet.start('gateway');
    await discord.waitForBot(1);
    standby = await fleet.start('gateway');
  });
  afterAll(async () => {
    await fleet.remove();
    await server.close();
    await discord.stop();
  });

  const moments = (what: string) =>
    discord.log.entries.filter((entry) => entry.type === 'gateway' && entry.what === what).length;
  /** Asks in a channel of its own. */
  function ask() {
    const number = asked++;
    const channel = discord.world.addChannel({
      kind: 'text',
      name: `channel-${number}`,
      guildId: discord.guild.id,
    });
    discord.person.say(channel, `number ${number}`, { mention: true });
    return { channel, text: `Answer to number ${number}.` };
  }
  async function expectAnsweredOnce(questions: readonly ReturnType<typeof ask>[]): Promise<void> {
    await Promise.all(
      questions.map(({ channel, text }) => discord.waitForReply(({ content }) => content === text, channel)),
    );
    for (const { channel } of questions) expect(discord.replies(channel)).toHaveLength(1);
  }

  test('one is connected, the other stands by and says so', async () => {
    await expectAnsweredOnce([ask()]);
    await awaitCondition(() => standby.output.includes('standing by'));
    expect(active.output).toContain('connected');
    expect(moments('identified')).toBe(1);
  });

  test('when the one is killed the other takes over within seconds, with what was said meanwhile', async () => {
    const ownMs = await threeAnswersMs(discord);
    const before = ask();
    await active.end('SIGKILL');
    const at = performance.now();
    const meanwhile = Array.from({ length: 5 }, ask);
    await discord.waitForBot(2);
    const awayMs = performance.now() - at;
    const after = ask();
    await expectAnsweredOnce([before, ...meanwhile, after]);
    // A lease of 6 s, asked for every half second; the rest is connecting.
    expect(awayMs).toBeLessThan(7_500 + ownMs);
    expect(moments('identified')).toBe(1);
  });

  test('in a rolling deployment the next is connected at once, and nothing is answered twice', async () => {
    const leaving = standby;
    const next = await fleet.start('gateway');
    await awaitCondition(() => next.output.includes('standing by'));
    const before = Array.from({ length: 5 }, ask);
    const ended = leaving.end('SIGTERM');
    const meanwhile = Array.from({ length: 5 }, ask);
    await discord.waitForBot(3);
    const after = Array.from({ length: 5 }, ask);
    await expectAnsweredOnce([...before, ...meanwhile, ...after]);
    expect(await ended).toBe(0);
    expect(moments('identified')).toBe(1);
    expect(moments('resumed')).toBe(2);
  });
});
