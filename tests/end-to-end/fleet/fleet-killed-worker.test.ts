import { expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { answer } from '../../doubles/model-server/reply.js';
import { testServers } from '../../fixtures/test-servers.js';
import { threeAnswersMs } from '../answer-times.js';
import { createParleyFleet } from './parley-fleet.js';

/** Two minutes of it. */
const AT_LENGTH = answer(Array.from({ length: 1200 }, (_, i) => `word${i}`).join(' '), { paceMs: 100 });
/** From the death of a worker until another may go on with the message it was writing: a lease, and a round. */
const WAITING_MS = 4_500;
/** What is left of the five seconds that are promised, for waking, asking and writing on a machine that is not busy. */
const QUIET_OWN_MS = 500;

test.skipIf(!testServers())(
  'a worker that is killed mid-reply: another goes on with the same message within 5 s',
  async () => {
    const discord = await new DiscordDouble().start();
    const server = await startModelServer();
    const fleet = await createParleyFleet({ discord, modelServer: server });
    try {
      const doomed = await fleet.start('worker');
      await fleet.start('gateway');
      await discord.waitForBot(1);
      const ownMs = Math.max(QUIET_OWN_MS, await threeAnswersMs(discord));
      server.setScript(() => AT_LENGTH);
      discord.person.say(discord.channel, 'at length, please', { mention: true });
      const begun = await discord.waitForReply(({ content }) => /^word0 word1/.test(content));
      server.setScript(() => 'In short.');
      await fleet.start('worker');
      const killedAt = performance.now();
      await doomed.end('SIGKILL');
      const continued = await discord.waitForReply(({ content }) => content === 'In short.', discord.channel);
      expect(performance.now() - killedAt).toBeLessThan(WAITING_MS + ownMs);
      expect(continued.id).toBe(begun.id);
      expect(discord.replies()).toHaveLength(1);
    } finally {
      await fleet.remove();
      await server.close();
      await discord.stop();
    }
  },
);
