import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel, Person } from '../../../../doubles/slack/workspace.js';
import { connectSlack, type SlackSetup, type Transport } from '../slack-setup.js';

describe.each<Transport>(['socket', 'http'])('what people say on Slack, over %s', (transport) => {
  let setup: SlackSetup;
  let ada: Person;
  let general: Channel;
  beforeEach(async () => {
    setup = await connectSlack(transport);
    ada = setup.slack.person('Ada');
    general = setup.slack.channel('general', [ada]);
  });
  afterEach(() => setup.stop());

  test('the two events of one mention are one message', async () => {
    const { slack, inbox } = setup;
    const sent = slack.mention(ada, general, 'what is a monad?');
    await slack.delivered();
    const events = slack.deliveries.map((delivery) => (delivery.payload['event'] as { type: string }).type);
    expect(events).toEqual(['app_mention', 'message']);
    expect(slack.deliveries.every((delivery) => delivery.state === 'delivered')).toBe(true);
    expect(inbox.messages).toEqual([
      {
        key: `slack/A0PARLEY/T0PARLEY/${general.id}/${sent.ts}`,
        platformMessageId: sent.ts,
        address: {
          platform: 'slack',
          app: 'A0PARLEY',
          workspace: 'T0PARLEY',
          channel: general.id,
          thread: sent.ts,
          kind: 'thread',
        },
        author: { key: `slack/T0PARLEY/${ada.id}`, name: 'Ada', id: ada.id },
        text: 'what is a monad?',
        target: {
          platform: 'slack',
          app: 'A0PARLEY',
          team: 'T0PARLEY',
          channel: general.id,
          thread: sent.ts,
          user: ada.id,
          message: sent.ts,
          language: 'en',
        },
      },
    ]);
  });

  test('a mention in a group message is one message too', async () => {
    const { slack, inbox } = setup;
    const group = slack.channel('ada-grace', [ada], { kind: 'mpim' });
    slack.mention(ada, group, 'hello');
    slack.say(ada, group, 'not for the bot');
    await slack.delivered();
    expect(inbox.messages.map((message) => message.text)).toEqual(['hello']);
  });

  test('a direct message needs no mention, and its reply no thread', async () => {
    const { slack, inbox } = setup;
    const sent = slack.dm(ada, 'hi there');
    await slack.delivered();
    expect(inbox.messages).toHaveLength(1);
    expect(inbox.messages[0]?.address).toEqual({
      platform: 'slack',
      app: 'A0PARLEY',
      workspace: 'T0PARLEY',
      channel: slack.directChannel(ada).id,
      kind: 'direct',
    });
    expect(inbox.messages[0]?.target).not.toHaveProperty('thread');
    expect(inbox.messages[0]?.platformMessageId).toBe(sent.ts);
  });

  test('a threaded direct message is heard, and answered in its thread', async () => {
    const { slack, inbox } = setup;
    const first = slack.dm(ada, 'hi');
    slack.dm(ada, 'and more', { thread: first.ts });
    await slack.delivered();
    expect(inbox.messages.map((message) => message.address.thread)).toEqual([undefined, first.ts]);
  });

  test('what is not said to the bot is not handed in', async () => {
    const { slack, inbox } = setup;
    slack.say(ada, general, 'lunch?');
    slack.say(ada, general, 'Ada joined', { subtype: 'channel_join' });
    slack.event({ type: 'app_home_opened', user: ada.id, channel: 'D0', tab: 'messages', event_ts: '1.0' });
    slack.event({ type: 'reaction_added', user: ada.id, reaction: 'eyes', event_ts: '1.0' });
    await slack.delivered();
    expect(inbox.messages).toEqual([]);
    expect(slack.deliveries.map((delivery) => delivery.state)).toEqual(Array(4).fill('delivered'));
  });

  test('other bots, mentions of the bot by bots, and its own messages start nothing', async () => {
    const { slack, inbox } = setup;
    slack.otherBot(general, `<@${slack.workspace.bot.id}> let us loop`);
    const own = slack.workspace.post({
      channel: general.id,
      user: slack.workspace.bot.id,
      botId: slack.workspace.bot.botId,
      text: 'my reply',
    });
    slack.workspace.change(own, { text: 'my reply, edited' });
    slack.workspace.delete(own);
    await slack.delivered();
    expect(slack.deliveries).toHaveLength(5);
    expect(inbox).toMatchObject({ messages: [], edits: [], deletions: [] });
  });

  test('a thread is followed without a mention where a setting says so and the bot takes part', async () => {
    const { slack, inbox } = setup;
    const first = slack.mention(ada, general, 'hello');
    await slack.delivered();
    slack.threadReply(ada, general, first.ts, 'not followed yet');
    await slack.delivered();
    inbox.followThreads = true;
    slack.threadReply(ada, general, first.ts, 'takes no part');
    await slack.delivered();
    inbox.partIn.add(first.ts);
    slack.threadReply(ada, general, first.ts, 'now followed');
    await slack.delivered();
    expect(inbox.messages.map((message) => message.text)).toEqual(['hello', 'now followed']);
  });

  test('an edit and a deletion by a person are handed on', async () => {
    const { slack, inbox } = setup;
    const sent = slack.mention(ada, general, 'helo');
    await slack.delivered();
    slack.editMessage(sent, `<@${slack.workspace.bot.id}> hello &lt;b&gt;`);
    await slack.delivered();
    slack.deleteMessage(sent);
    await slack.delivered();
    expect(inbox.edits).toEqual([{ channel: general.id, id: sent.ts, text: 'hello <b>' }]);
    expect(inbox.deletions).toEqual([{ channel: general.id, id: sent.ts }]);
    expect(inbox.messages).toHaveLength(1);
  });

  test('the preview of a link is no edit', async () => {
    const { slack, inbox } = setup;
    const sent = slack.mention(ada, general, 'see <https://example.org>');
    slack.workspace.change(sent, { blocks: [{ type: 'rich_text' }] });
    await slack.delivered();
    expect(inbox.edits).toEqual([]);
  });

  test('markup comes as people read it', async () => {
    const { slack, inbox } = setup;
    const grace = slack.person('Grace');
    const text = `ask <@${grace.id}> in <#C1|help> about <https://x.org|this> &amp; <!here> &lt;T&gt;`;
    slack.mention(ada, general, text);
    await slack.delivered();
    expect(inbox.messages[0]?.text).toBe('ask @Grace in #help about this (https://x.org) & @here <T>');
  });

  test('files are noted, also where an app_mention lacks them', async () => {
    const { slack, inbox } = setup;
    slack.mention(ada, general, '', { files: [{ name: 'plan.pdf', mimetype: 'application/pdf' }] });
    await slack.delivered();
    expect(inbox.messages.map((message) => message.text)).toEqual([
      '[a file that was not read: plan.pdf (application/pdf)]',
    ]);
  });

  test('the first mention in a thread quotes the thread so far, the next one does not', async () => {
    const { slack, inbox } = setup;
    const grace = slack.person('Grace');
    const first = slack.say(ada, general, 'the build is red');
    const second = slack.threadReply(grace, general, first.ts, 'which &lt;job&gt;?');
    slack.mention(ada, general, 'why?', { thread: first.ts });
    await slack.delivered();
    inbox.partIn.add(first.ts);
    slack.mention(ada, general, 'and now?', { thread: first.ts });
    await slack.delivered();
    expect(inbox.messages.map((message) => message.quoted)).toEqual([
      {
        author: 'the thread so far',
        text: 'Ada: the build is red\nGrace: which <job>?',
        authorKeys: [ada, grace].map(({ id }) => `slack/${slack.workspace.teamId}/${id}`),
        messageIds: [first.ts, second.ts],
      },
      undefined,
    ]);
  });

  test('a refusal is told to the asker alone, once', async () => {
    const { slack, inbox } = setup;
    inbox.accepting = async () => ({ type: 'refused', reason: 'too-long', text: 'Please shorten it.' });
    const sent = slack.mention(ada, general, 'x'.repeat(100));
    await slack.delivered();
    expect(slack.ephemerals).toEqual([
      {
        channel: general.id,
        user: ada.id,
        text: 'Please shorten it.',
        via: 'api',
        inChannel: false,
        threadTs: sent.ts,
      },
    ]);
    expect(slack.deliveries.every((delivery) => delivery.state === 'delivered')).toBe(true);
  });

  test('a message that came too late is not answered', async () => {
    await setup.stop();
    setup = await connectSlack(transport, { adapter: { staleAfterMs: 60_000 } });
    const { slack, inbox } = setup;
    slack.event({
      type: 'message',
      channel: 'D0LATE',
      channel_type: 'im',
      user: 'U1',
      text: 'long ago',
      ts: `${Math.floor(Date.now() / 1000) - 3600}.000100`,
    });
    await slack.delivered();
    expect(inbox.messages).toEqual([]);
  });

  test('an event of no known shape is acknowledged and ignored', async () => {
    const { slack, inbox } = setup;
    const odd = slack.event({ type: 'message', channel: general.id, subtype: 'of_tomorrow', blocks: [null] });
    await slack.delivered();
    expect(odd.state).toBe('delivered');
    expect(inbox.accepts).toBe(0);
  });
});
