import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { SCRIPTED, startUnderTest, type UnderTest } from '../parley-under-test.js';

describe('Discord, with a scripted model in the real engine', () => {
  let discord: DiscordDouble;
  let under: UnderTest;
  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    under = await startUnderTest({ discord });
    await discord.waitForBot();
  });
  afterAll(async () => {
    await under.stop();
    await discord.stop();
  });

  test('a mention gets one reply, word for word', async () => {
    discord.person.say(discord.channel, 'hello', { mention: true });
    const reply = await discord.waitForReply(({ content }) => content === SCRIPTED);
    expect(discord.replies()).toEqual([reply]);
    const posts = discord.log.requests('POST', /\/(typing|messages)$/).map(({ path }) => path);
    expect(posts[0]).toMatch(/typing$/);
    expect(discord.pings).toEqual([]);
  });
});
