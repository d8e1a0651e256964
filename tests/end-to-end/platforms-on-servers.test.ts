import { expect, test } from 'vitest';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { startModelServer } from '../doubles/model-server/model-server.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';
import { testServers } from '../fixtures/test-servers.js';
import { startUnderTest } from './parley-under-test.js';

const REPLY = 'Everything goes through the servers.';

test.skipIf(!testServers())('on servers, a question is answered once on each platform', async () => {
  const server = await startModelServer({ script: () => REPLY });
  const discord = await new DiscordDouble().start();
  const slack = await SlackDouble.start({ rates: false });
  const under = await startUnderTest({ discord, slack, modelServer: server });
  try {
    await discord.waitForBot();
    discord.person.say(discord.channel, 'Which way?', { mention: true });
    await discord.waitForReply(({ content, loading }) => !loading && content === REPLY, discord.channel);

    const ada = slack.person('Ada');
    const channel = slack.channel('reading-room', [ada]);
    slack.mention(ada, channel, 'Which way?');
    await slack.waitFor(() => slack.shown(channel).some((text) => text.includes(REPLY)));
    await slack.delivered();
    expect(slack.botMessages(channel)).toHaveLength(1);

    expect(await under.ask('Which way?')).toMatchObject({ status: 200, answer: REPLY, model: 'hosted' });
  } finally {
    await under.stop();
    await slack.stop();
    await discord.stop();
    await server.close();
  }
});
