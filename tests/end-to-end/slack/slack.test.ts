import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { rememberingScript } from '../../doubles/model-server/remembering-script.js';
import { answer } from '../../doubles/model-server/reply.js';
import { SlackDouble } from '../../doubles/slack/slack-double.js';
import { shownText } from '../../doubles/slack/workspace.js';
import { SCRIPTED, startUnderTest, type UnderTest } from '../parley-under-test.js';

const WORDS = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
/** However late Stop comes, on a busy machine, nothing else ends it. */
const ENDLESS = answer(WORDS, { paceMs: 50, break: { afterTokens: 50, how: { kind: 'hang' } } });

describe('Slack over Socket Mode, with a scripted model in the real engine', () => {
  let slack: SlackDouble;
  let under: UnderTest;
  beforeAll(async () => {
    slack = await SlackDouble.start({ rates: false });
    under = await startUnderTest({ slack });
  });
  afterAll(async () => {
    await under.stop();
    await slack.stop();
  });

  test('the two events of one mention give one reply, in a thread under it', async () => {
    const ada = slack.person('Ada');
    const channel = slack.channel('reading-room', [ada]);
    const asked = slack.mention(ada, channel, 'hello');
    await slack.waitFor(() => slack.shown(channel).some((text) => text.includes(SCRIPTED)));
    await slack.delivered();
    expect(slack.botMessages(channel)).toHaveLength(1);
    expect(slack.botMessages(channel)[0]?.threadTs).toBe(asked.ts);
  });
});

describe.each([
  { name: 'native streams over Socket Mode', native: true, receiver: 'socket' },
  { name: 'edits over HTTP events', native: false, receiver: 'http' },
] as const)('Slack with a hosted model, $name', ({ native, receiver }) => {
  let slack: SlackDouble;
  let server: ModelServer;
  let under: UnderTest;
  beforeAll(async () => {
    slack = await SlackDouble.start({ rates: false, native });
    server = await startModelServer({ script: rememberingScript });
    under = await startUnderTest({
      slack,
      modelServer: server,
      slackReceiver: receiver,
      ...(receiver === 'http' ? { env: { SLACK_PORT: '0' } } : {}),
    });
    if (receiver === 'http') {
      const port = under.parley.platforms.find(({ name }) => name === 'Slack')?.port();
      slack.eventsUrl = `http://127.0.0.1:${port}/slack/events`;
    }
  });
  beforeEach(() => server.setScript(rememberingScript));
  afterAll(async () => {
    await under.stop();
    await server.close();
    await slack.stop();
  });

  test('a direct message is answered, and a name comes back in a later turn', async () => {
    const ada = slack.person('Ada');
    const channel = slack.directChannel(ada);
    const shows = (text: string) =>
      slack.waitFor(() => slack.shown(channel).some((shown) => shown.includes(text)));
    slack.dm(ada, 'my name is Ottilie');
    await shows('my name is Ottilie');
    slack.dm(ada, 'what is my name?');
    await shows('Your name is Ottilie.');
  });

  test('Stop ends a reply that streams', async () => {
    const ada = slack.person('Ada');
    const channel = slack.channel('stop', [ada]);
    server.setScript(() => ENDLESS);
    slack.mention(ada, channel, 'talk to me');
    const streaming = await slack.waitFor(() =>
      slack.botMessages(channel).find((m) => shownText(m).includes('word0')),
    );
    await slack.waitFor(() => JSON.stringify(streaming).includes('Stop') || native);
    if (native) slack.stopSession(ada, channel, streaming.threadTs ?? streaming.ts);
    else slack.pressButton(ada, streaming, 'Stop');
    expect(await server.requests.at(-1)?.closed).toBe(false);
  });

  test('/parley asks, and commands answer in private', async () => {
    const ada = slack.person('Ada');
    const channel = slack.channel('commands', [ada]);
    slack.slashCommand(ada, channel, 'ask does this work?');
    await slack.waitFor(() => slack.shown(channel).some((text) => text.includes('does this work?')));
    const help = slack.slashCommand(ada, channel, 'help');
    await slack.waitFor(() => JSON.stringify(help.answer).includes('forget-me'));
    expect(help.answer).toMatchObject({ response_type: 'ephemeral' });
  });

  test('nothing a model says pings anyone', async () => {
    const ada = slack.person('Ada');
    const channel = slack.channel('pings', [ada]);
    server.setScript(() => `<!here> <!channel> <@${ada.id}> done`);
    slack.mention(ada, channel, 'ping them all');
    await slack.waitFor(() => slack.shown(channel).some((text) => text.includes('done')));
    expect(slack.workspace.pings).toEqual([]);
  });
});
