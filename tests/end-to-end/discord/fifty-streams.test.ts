import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { testServers } from '../../fixtures/test-servers.js';
import { createParleyFleet, type ParleyFleet } from '../fleet/parley-fleet.js';

const STREAMS = 50;
const WORDS = Array.from({ length: 80 }, (_, i) => `word${i}`).join(' ');
const PACE_MS = 60;
/** All of them take this long where much else runs. */
const BUSY_MS = 300_000;
/** From the last token to the final text on Discord. */
const OWN_MS = 1_500;
/** An edit in a channel every second, and 48 requests a second for all: the last of 50 final edits waits for both. */
const BUDGET_MS = 1_000 + (STREAMS / 48) * 1_000;

describe.skipIf(!testServers())('50 replies that stream at once on one bot token', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer({ script: () => ({ tokens: splitTokens(WORDS), paceMs: PACE_MS }) });
    fleet = await createParleyFleet({
      discord,
      modelServer: server,
      file: {
        models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 4096, concurrency: 64 } },
      },
    });
    await fleet.start('gateway', { DISCORD_PROXY_PORT: '0' });
    await Promise.all([fleet.start('worker'), fleet.start('worker')]);
    await discord.waitForBot(1);
  });
  afterAll(async () => {
    await fleet.remove();
    await server.close();
    await discord.stop();
  });

  test(
    'cause no 429, and every final text is there soon after its last token',
    async () => {
      const channels = Array.from({ length: STREAMS }, (_, i) =>
        discord.world.addChannel({ kind: 'text', name: `channel-${i}`, guildId: discord.guild.id }),
      );
      for (const [i, channel] of channels.entries())
        discord.person.say(channel, `number ${i}`, { mention: true });
      const lastToken = new Map<number, number>();
      /** By how many milliseconds a busy machine drew each stream out. */
      const late: number[] = [];
      const watch = async ({ body, closed }: Awaited<ReturnType<ModelServer['request']>>) => {
        const begun = Date.now();
        if (!(await closed)) return;
        const number = /number (\d+)/.exec(body.messages.at(-1)?.content ?? '')?.[1];
        lastToken.set(Number(number), Date.now());
        late.push(Date.now() - begun - PACE_MS * splitTokens(WORDS).length);
      };
      // More than there are questions, where a busy machine loses a lease.
      const watchAll = async () => {
        for (let count = 1; ; count++) void watch(await server.request(count));
      };
      void watchAll();
      await Promise.all(
        channels.map((channel) => discord.waitForReply(({ content }) => content === WORDS, channel, BUSY_MS)),
      );
      const finalAt = channels.map(({ id }) =>
        Math.min(
          ...discord.log.entries.flatMap((entry) =>
            entry.type === 'request' &&
            entry.path.startsWith(`/channels/${id}/`) &&
            JSON.stringify(entry.body ?? '').includes('word79')
              ? [entry.at]
              : [],
          ),
        ),
      );
      const lags = finalAt.map((at, i) => at - (lastToken.get(i) ?? 0));
      expect(discord.rest.invalidRequests).toBe(0);
      expect(Math.max(...lags)).toBeLessThan(OWN_MS + BUDGET_MS + 3 * Math.max(...late));
    },
    BUSY_MS,
  );
});
