import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommandReply } from '../../../../../src/ports/turns/inbox.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import type { Channel, Person } from '../../../../doubles/slack/workspace.js';
import { connectSlack, type SlackSetup, type Transport } from '../slack-setup.js';

describe.each<Transport>(['socket', 'http'])('commands and buttons on Slack, over %s', (transport) => {
  let setup: SlackSetup;
  let ada: Person;
  let grace: Person;
  let general: Channel;
  beforeEach(async () => {
    setup = await connectSlack(transport, { double: { retryDelaysMs: [] } });
    ada = setup.slack.person('Ada');
    grace = setup.slack.person('Grace');
    general = setup.slack.channel('general', [ada, grace]);
  });
  afterEach(() => setup.stop());

  async function type(text: string, person = ada, channel = general) {
    const command = setup.slack.slashCommand(person, channel, text);
    await setup.slack.delivered();
    return command;
  }

  test('a command is run with its options, and answered to the person alone', async () => {
    const { inbox } = setup;
    const command = await type('settings temperature=0.5 follow_threads=yes');
    expect(inbox.commands).toMatchObject([
      {
        name: 'settings',
        values: { temperature: 0.5, follow_threads: true },
        address: {
          platform: 'slack',
          app: 'A0PARLEY',
          workspace: 'T0PARLEY',
          channel: general.id,
          kind: 'channel',
        },
        author: { key: `slack/T0PARLEY/${ada.id}`, name: 'Ada', id: ada.id },
        mayManage: false,
      },
    ]);
    expect(command.state).toBe('delivered');
    expect(command.answer).toEqual({
      response_type: 'ephemeral',
      text: '**Done**',
      blocks: [{ type: 'markdown', text: '**Done**' }],
    });
  });

  test('a question shows what was asked, and is answered in the channel', async () => {
    const { inbox } = setup;
    const accepted: CommandReply = {
      type: 'turn',
      acceptance: { type: 'accepted', turnId: 1, conversationId: 1, ahead: 0 },
    };
    inbox.commanding = async () => accepted;
    const command = await type('why is the sky blue?');
    expect(command.answer).toEqual({ response_type: 'in_channel' });
    expect(inbox.commands[0]).toMatchObject({ name: 'ask', values: { question: 'why is the sky blue?' } });
    expect(inbox.commands[0]?.message.key).toMatch(`slack/A0PARLEY/T0PARLEY/${general.id}/command-`);
    expect(inbox.commands[0]?.message.target).toMatchObject({ channel: general.id, user: ada.id });
    expect(inbox.commands[0]?.message.target).not.toHaveProperty('thread');
  });

  test('a refused question is told to the person alone', async () => {
    const acceptance = { type: 'refused', reason: 'turn-limit', text: 'Please wait a moment.' } as const;
    setup.inbox.commanding = async () => ({ type: 'turn', acceptance });
    const command = await type('ask once more');
    expect(command.answer).toMatchObject({ response_type: 'ephemeral', text: 'Please wait a moment.' });
  });

  test('a mistake is explained and runs nothing', async () => {
    const command = await type('settings temperature=hot');
    expect(command.answer).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringContaining('`temperature` takes a number from 0 to 2'),
    });
    expect(setup.inbox.commands).toEqual([]);
  });

  test('a mistake in a place set to Chinese is explained in Chinese, and so is a failure of a Chinese question', async () => {
    setup.inbox.language = 'zh';
    const mistaken = await type('settings temperature=hot');
    expect(mistaken.answer['text']).toContain('`temperature` 应为 0 到 2 之间的数字');
    setup.inbox.failures = 1;
    const failed = await type('天为什么是蓝的？');
    expect(failed.answer['text']).toBe('没有成功，请过一分钟再试。');
    expect(setup.inbox.commands.at(-1)?.message.target).toMatchObject({ language: 'zh' });
  });

  test('nothing typed asks for help', async () => {
    await type('');
    expect(setup.inbox.commands).toMatchObject([{ name: 'help', values: {} }]);
  });

  test('a failure is told to the person: Slack runs no command twice', async () => {
    setup.inbox.failures = 1;
    const command = await type('clear');
    expect(command).toMatchObject({ state: 'delivered', answer: { response_type: 'ephemeral' } });
    expect(command.answer['text']).toContain('did not work');
    expect(setup.log.errors).toEqual(['a command from Slack failed']);
  });

  test('mentions in what was typed are read as people read them', async () => {
    await type(`ask who is &lt;<@${grace.id}|grace>&gt;?`);
    expect(setup.inbox.commands[0]?.values).toEqual({ question: 'who is <@grace>?' });
  });

  test('a command after a mention works in the thread, where Slack has no slash commands', async () => {
    const { slack, inbox } = setup;
    const first = slack.say(ada, general, 'a thread');
    slack.mention(ada, general, '/clear', { thread: first.ts });
    await slack.delivered();
    expect(inbox.messages).toEqual([]);
    expect(inbox.commands).toMatchObject([{ name: 'clear', address: { thread: first.ts, kind: 'thread' } }]);
    expect(slack.ephemerals).toMatchObject([{ user: ada.id, text: '**Done**', threadTs: first.ts }]);
  });

  test('only listed admins may manage a channel; everyone manages their direct messages', async () => {
    await setup.stop();
    setup = await connectSlack(transport, { adapter: { admins: ['U0000001'] } });
    const { slack, inbox } = setup;
    const [admin, other] = [slack.person('Admin'), slack.person('Other')];
    const channel = slack.channel('general', [admin, other]);
    expect(admin.id).toBe('U0000001');
    for (const place of [channel, slack.directChannel(other)]) await type('settings', other, place);
    await type('settings', admin, channel);
    expect(inbox.commands.map((command) => command.mayManage)).toEqual([false, true, true]);
  });

  describe('buttons', () => {
    function reply(turnId: number, authorId: string) {
      const { slack, inbox } = setup;
      const value = String(turnId);
      const button = (id: string, label: string) => ({
        type: 'button',
        action_id: id,
        text: { type: 'plain_text', text: label },
        value,
      });
      const elements = [
        button('parley_stop', 'Stop'),
        button('parley_up', '👍'),
        button('parley_down', '👎'),
        button('parley_regenerate', '↻'),
      ];
      const message = slack.workspace.post({
        channel: general.id,
        user: slack.workspace.bot.id,
        botId: slack.workspace.bot.botId,
        text: 'a reply',
        blocks: [{ type: 'actions', block_id: 'b', elements }],
      });
      inbox.turns.set(`${general.id}/${message.ts}`, {
        id: turnId,
        conversationId: 1,
        state: 'running',
        authorKey: `slack/T0PARLEY/${authorId}`,
        outcome: null,
      });
      return message;
    }

    test('the asker stops and repeats a reply, everyone votes', async () => {
      const { slack, inbox } = setup;
      const message = reply(7, ada.id);
      slack.pressButton(ada, message, 'Stop');
      slack.pressButton(ada, message, '↻');
      slack.pressButton(ada, message, '👍');
      slack.pressButton(grace, message, '👎');
      await slack.delivered();
      expect(inbox).toMatchObject({ stopped: [7], regenerated: [7] });
      expect(inbox.votes.map(({ turnId, author, vote }) => [turnId, author.id, vote])).toEqual(
        expect.arrayContaining([
          [7, ada.id, 1],
          [7, grace.id, -1],
        ]),
      );
      expect(slack.ephemerals).toEqual([]);
    });

    test("others neither stop nor repeat somebody's reply", async () => {
      const { slack, inbox } = setup;
      const message = reply(7, ada.id);
      slack.pressButton(grace, message, 'Stop');
      slack.pressButton(grace, message, '↻');
      await slack.waitFor(() => slack.ephemerals.length === 2);
      expect(inbox).toMatchObject({ stopped: [], regenerated: [] });
      expect(slack.ephemerals[0]).toMatchObject({
        user: grace.id,
        text: expect.stringContaining('Only the person who asked'),
      });
    });

    test('a reply that has ended, or cannot be repeated now, says so', async () => {
      const { slack, inbox } = setup;
      inbox.running = false;
      const text = { en: 'Please wait a moment.', zh: '请稍等片刻。' };
      inbox.regenerating = (language) => ({ type: 'refused', reason: 'turn-limit', text: text[language] });
      const message = reply(7, ada.id);
      slack.pressButton(ada, message, 'Stop');
      slack.pressButton(ada, message, '↻');
      await slack.waitFor(() => slack.ephemerals.length === 2);
      expect(slack.ephemerals.map((each) => each.text).sort()).toEqual([
        'Please wait a moment.',
        'This reply has ended already.',
      ]);
    });

    test('who may not, and why not, is said in the language of the place, or else of the reply', async () => {
      const { slack, inbox } = setup;
      const message = reply(7, ada.id);
      inbox.language = 'zh';
      slack.pressButton(grace, message, 'Stop');
      await slack.waitFor(() => slack.ephemerals.length === 1);
      inbox.language = 'auto';
      const [[part, turn] = []] = [...inbox.turns];
      if (part === undefined || !turn) throw new Error('no turn');
      const outcome = { state: 'failed', kind: 'bug', notice: '机器人内部出错了。' } as const;
      inbox.turns.set(part, { ...turn, state: 'failed', outcome });
      inbox.running = false;
      slack.pressButton(ada, message, 'Stop');
      await slack.waitFor(() => slack.ephemerals.length === 2);
      expect(slack.ephemerals.map((each) => each.text)).toEqual([
        '只有提问的人或管理员可以这样做。',
        '这条回复已经结束了。',
      ]);
    });

    test.each([
      ['another turn', 'parley_stop', '8'],
      ['no turn', 'parley_stop', 'all'],
      ['a turn that is no number', 'parley_up', '7; drop'],
      ['no action of ours', 'something_else', '7'],
    ])('a forged button that names %s does nothing', async (_what, actionId, value) => {
      const { slack, inbox } = setup;
      const message = reply(7, ada.id);
      const sent = slack.sendAction(ada, message, { actionId, value });
      await slack.delivered();
      expect(sent.state).toBe('delivered');
      expect(inbox).toMatchObject({ stopped: [], regenerated: [], votes: [] });
    });

    test("Slack's own stop button stops the turn whose message streams", async () => {
      const { slack, inbox } = setup;
      const first = slack.say(ada, general, 'a question');
      const message = reply(7, ada.id);
      slack.event({
        type: 'agent_session_stopped',
        channel: general.id,
        user: ada.id,
        thread_ts: first.ts,
        streaming_message_ts: [message.ts],
        event_ts: '1.0',
      });
      await slack.delivered();
      expect(inbox.stopped).toEqual([7]);
    });

    test("Slack's own stop button before any text stops what runs in the thread", async () => {
      const { slack, inbox } = setup;
      const first = slack.say(ada, general, 'a question');
      slack.stopSession(ada, general, first.ts);
      await slack.delivered();
      expect(inbox.commands).toMatchObject([
        { name: 'stop', address: { thread: first.ts }, author: { id: ada.id } },
      ]);
    });
  });
});

test.each<Transport>(['socket', 'http'])(
  'a slow command is acknowledged in time and answered later, over %s',
  async (transport) => {
    const clock = new FakeClock();
    const { slack, inbox, stop } = await connectSlack(transport, {
      adapter: { clock },
      double: { retryDelaysMs: [] },
    });
    const ada = slack.person('Ada');
    let done = () => {};
    inbox.beforeAccept = () =>
      new Promise((resolve) => {
        done = resolve;
      });
    const command = slack.slashCommand(ada, slack.directChannel(ada), 'usage');
    while (inbox.commands.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    await clock.advance(2_000);
    await slack.delivered();
    expect(command).toMatchObject({ state: 'delivered', answer: {} });
    done();
    await slack.waitFor(() => slack.ephemerals.length === 1);
    expect(slack.ephemerals).toMatchObject([
      { user: ada.id, via: 'response-url', text: '**Done**', inChannel: false },
    ]);
    await stop();
  },
);
