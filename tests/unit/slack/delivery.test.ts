import { afterEach, describe, expect, test } from 'vitest';
import { PART_LIMIT } from '../../../adapters/slack/part-blocks.js';
import { createSlackDelivery, type SlackDeliveryOptions } from '../../../adapters/slack/slack-delivery.js';
import type { SlackTarget } from '../../../adapters/slack/slack-ids.js';
import type { TurnId } from '../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../src/ports/delivery.js';
import { systemClock } from '../../../src/system-clock.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { SlackDouble, type SlackDoubleOptions } from '../../doubles/slack/slack-double.js';
import {
  type Channel,
  type Message,
  type Person,
  shownButtons,
  shownFooter,
} from '../../doubles/slack/workspace.js';
import { RecordingLog } from './recording-log.js';

const signal = new AbortController().signal;
const opened: SlackDouble[] = [];
afterEach(() => Promise.all(opened.splice(0).map((slack) => slack.stop())));

interface Setup {
  readonly slack: SlackDouble;
  readonly delivery: Delivery;
  readonly ada: Person;
  readonly general: Channel;
  readonly question: Message;
  readonly target: SlackTarget;
  readonly stopped: TurnId[];
  readonly log: RecordingLog;
  /** A delivery of another worker. */
  another(): Delivery;
}

async function open(
  double: SlackDoubleOptions = {},
  options: Partial<SlackDeliveryOptions> = {},
): Promise<Setup> {
  const slack = await SlackDouble.start({ retryDelaysMs: [], ...double });
  opened.push(slack);
  const ada = slack.person('Ada');
  const general = slack.channel('general', [ada]);
  const question = slack.mention(ada, general, 'Tell me');
  const log = new RecordingLog();
  const stopped: TurnId[] = [];
  const another = () =>
    createSlackDelivery({
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      log,
      clock: systemClock,
      stopTurn: async (turnId) => stopped.push(turnId),
      ...options,
    });
  const target = {
    platform: 'slack' as const,
    app: slack.workspace.appId,
    team: slack.workspace.teamId,
    channel: general.id,
    thread: question.ts,
    user: ada.id,
    message: question.ts,
  };
  return { slack, delivery: another(), ada, general, question, target, stopped, log, another };
}

const streaming = (text: string, changes: Partial<PartDraft> = {}): PartDraft => ({
  turnId: 7,
  revision: 0,
  index: 0,
  text,
  state: 'streaming',
  controls: 'stop',
  certainlyNew: true,
  ...changes,
});
const final = (text: string, changes: Partial<PartDraft> = {}): PartDraft =>
  streaming(text, { state: 'final', controls: 'rate-and-regenerate', ...changes });

describe('native streaming', () => {
  test('a reply streams by its own methods, for the asker, and ends with footer and buttons', async () => {
    const { slack, delivery, target, general, ada } = await open();
    let posted = await delivery.post(target, streaming('Once'), signal);
    posted = await delivery.edit(target, posted, streaming('Once upon'), signal);
    await delivery.edit(target, posted, final('Once upon a time.', { footer: 'Answered by small' }), signal);
    expect(slack.calls.map((call) => call.method)).toEqual([
      'chat.startStream',
      'chat.appendStream',
      'chat.stopStream',
      'chat.update',
    ]);
    expect(slack.calls[0]?.arguments).toMatchObject({
      recipient_user_id: ada.id,
      recipient_team_id: 'T0PARLEY',
    });
    expect(slack.calls[1]?.arguments).toMatchObject({ markdown_text: ' upon' });
    const [message] = slack.botMessages(general);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
    expect(message && shownFooter(message)).toBe('_Answered by small_');
    expect(message && shownButtons(message).map((button) => button.label)).toEqual(['👍', '👎', '↻']);
    expect(message?.metadata).toEqual({
      event_type: 'parley_reply',
      event_payload: { turn: 7, revision: 0, part: 0 },
    });
  });

  test('while it streams there is a button that stops it', async () => {
    const { slack, delivery, target, general } = await open();
    await delivery.post(target, streaming('Once'), signal);
    const [message] = slack.botMessages(general);
    expect(message && shownButtons(message)).toMatchObject([
      { label: 'Stop', value: '7', blockId: 'parley/7/0/0' },
    ]);
  });

  test('a code fence that only closes the part for now is not appended', async () => {
    const { slack, delivery, target, general } = await open();
    let posted = await delivery.post(target, streaming('```js\nlet a;\n```'), signal);
    posted = await delivery.edit(target, posted, streaming('```js\nlet a;\nlet b;\n```'), signal);
    expect(slack.shown(general)).toEqual(['```js\nlet a;\nlet b;']);
    await delivery.edit(target, posted, final('```js\nlet a;\nlet b;\n```\nDone.'), signal);
    expect(slack.shown(general)).toEqual(['```js\nlet a;\nlet b;\n```\nDone.']);
    expect(slack.callsTo('chat.update')).toHaveLength(1);
  });

  test('where the workspace has no streams, edits with the whole text do, and nobody asks again', async () => {
    const { slack, delivery, target, general } = await open({ native: false });
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    await delivery.post(target, streaming('Again', { turnId: 8 }), signal);
    expect(slack.callsTo('chat.startStream')).toHaveLength(1);
    expect(slack.shown(general)).toEqual(['Once upon', 'Again']);
  });

  test('after the five minutes of a stream, edits with the whole text go on', async () => {
    const clock = new FakeClock();
    const { slack, delivery, target, general } = await open({ now: () => clock.now() }, { clock });
    let posted = await delivery.post(target, streaming('Once'), signal);
    await clock.advance(4.6 * 60_000);
    posted = await delivery.edit(target, posted, streaming('Once upon'), signal);
    await clock.advance(60_000);
    posted = await delivery.edit(target, posted, streaming('Once upon a'), signal);
    await delivery.edit(target, posted, final('Once upon a time.'), signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
    expect(slack.calls.map((call) => `${call.method}: ${call.result}`)).toEqual([
      'chat.startStream: ok',
      'chat.stopStream: ok',
      'chat.update: ok',
      'chat.update: ok',
      'chat.update: ok',
    ]);
  });

  test('a stream that Slack closed on its own goes on with edits', async () => {
    const now = { ms: Date.now() };
    const { slack, delivery, target, general } = await open({ now: () => now.ms });
    const posted = await delivery.post(target, streaming('Once'), signal);
    now.ms += 6 * 60_000;
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    expect(slack.shown(general)).toEqual(['Once upon']);
    expect(slack.callsTo('chat.appendStream')[0]?.result).toBe('message_not_in_streaming_state');
  });

  test("Slack's stop button stops the turn, and the last edit still lands", async () => {
    const { slack, delivery, target, general, ada, question, stopped } = await open();
    const posted = await delivery.post(target, streaming('Once'), signal);
    slack.stopSession(ada, general, question.ts);
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    expect(stopped).toEqual([7]);
    await delivery.edit(target, posted, final('Once upon', { footer: 'Stopped.' }), signal);
    expect(slack.shown(general)).toEqual(['Once upon']);
  });

  test('a direct message without a thread is edited: streams need a thread', async () => {
    const { slack, delivery, target, ada } = await open();
    const direct = slack.directChannel(ada);
    const { thread: _thread, ...flat } = { ...target, channel: direct.id };
    const posted = await delivery.post(flat, streaming('Once'), signal);
    await delivery.edit(flat, posted, final('Once upon'), signal);
    expect(slack.shown(direct)).toEqual(['Once upon']);
    expect(slack.callsTo('chat.startStream')).toEqual([]);
    expect(slack.botMessages(direct)[0]?.threadTs).toBeUndefined();
  });

  test('more streams than Slack starts in a minute: the others are edited', async () => {
    const { slack, delivery, target, general } = await open();
    slack.fail('chat.startStream', { type: 'rate-limit', retryAfter: 30 });
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, final('Once upon'), signal);
    expect(slack.shown(general)).toEqual(['Once upon']);
  });
});

describe('trap: ChatStreamer opened three streams, and repeated text after a lost response', () => {
  test('edits of one message that overlap are sent one after the other', async () => {
    const { slack, delivery, target, general } = await open();
    const posted = await delivery.post(target, streaming('a'), signal);
    await Promise.all(
      ['ab', 'abc', 'abcd'].map((text) => delivery.edit(target, posted, streaming(text), signal)),
    );
    expect(slack.shown(general)).toEqual(['abcd']);
    expect(slack.callsTo('chat.startStream')).toHaveLength(1);
    expect(slack.callsTo('chat.appendStream').map((call) => call.arguments['markdown_text'])).toEqual([
      'b',
      'c',
      'd',
    ]);
  });

  test.each(['lose-answer', 'drop'] as const)(
    'an append met by %s repeats and loses no text',
    async (type) => {
      const { slack, delivery, target, general } = await open();
      const posted = await delivery.post(target, streaming('Once'), signal);
      slack.fail('chat.appendStream', { type });
      await delivery.edit(target, posted, streaming('Once upon'), signal);
      await delivery.edit(target, posted, streaming('Once upon a'), signal);
      expect(slack.shown(general)).toEqual(['Once upon a']);
      await delivery.edit(target, posted, final('Once upon a time.'), signal);
      expect(slack.shown(general)).toEqual(['Once upon a time.']);
    },
  );

  test('a stop whose answer was lost is asked again', async () => {
    const { slack, delivery, target, general } = await open();
    const posted = await delivery.post(target, streaming('Once'), signal);
    slack.fail('chat.stopStream', { type: 'drop' });
    const last = final('Once upon a time.');
    await expect(delivery.edit(target, posted, last, signal)).rejects.toMatchObject({
      reason: 'unavailable',
    });
    await delivery.edit(target, posted, last, signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
  });
});

describe('trap: a post that was applied before its 503 or dropped socket is retried by the SDK', () => {
  const faults = [{ type: 'lose-answer' }, { type: 'status', status: 503, applied: true }] as const;

  test.each(faults)('a message met by $type is there once', async (fault) => {
    const { slack, delivery, target, general } = await open();
    slack.fail('chat.postMessage', fault);
    const posted = await delivery.post(target, final('Hello'), signal);
    expect(slack.shown(general)).toEqual(['Hello']);
    expect(posted.messageId).toBe(`${general.id}/${slack.botMessages(general)[0]?.ts}`);
    expect(slack.callsTo('chat.postMessage')).toHaveLength(1);
  });

  test.each(faults)('a stream met by $type is there once, and goes on', async (fault) => {
    const { slack, delivery, target, general } = await open();
    slack.fail('chat.startStream', fault);
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    await delivery.edit(target, posted, final('Once upon a time.'), signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
  });

  test('a post of which nobody can tell is not repeated before somebody can', async () => {
    const { slack, delivery, target, general } = await open();
    slack.fail('chat.postMessage', { type: 'lose-answer' });
    slack.fail('conversations.replies', { type: 'status', status: 503 }, 2);
    for (let i = 0; i < 2; i++) {
      await expect(delivery.post(target, final('Hello'), signal)).rejects.toMatchObject({
        reason: 'unavailable',
      });
    }
    await delivery.post(target, final('Hello'), signal);
    expect(slack.shown(general)).toEqual(['Hello']);
  });

  test('a post that Slack never saw is made again', async () => {
    const { slack, delivery, target, general } = await open();
    slack.fail('chat.postMessage', { type: 'drop' });
    await expect(delivery.post(target, final('Hello'), signal)).rejects.toMatchObject({
      reason: 'unavailable',
    });
    await delivery.post(target, final('Hello'), signal);
    expect(slack.shown(general)).toEqual(['Hello']);
  });

  test.each(['native', 'edited'])(
    'a worker takes over a %s message of a dead one that told nobody its id',
    async (kind) => {
      const { slack, delivery, another, target, general } = await open({ native: kind === 'native' });
      await delivery.post(target, streaming('Once upon'), signal);
      const successor = another();
      const again = streaming('Onc', { certainlyNew: false });
      const posted = await successor.post(target, again, signal);
      await successor.edit(target, posted, final('Once upon a time.'), signal);
      expect(slack.shown(general)).toEqual(['Once upon a time.']);
    },
  );

  test('a worker edits the message that a dead one left streaming', async () => {
    const { slack, delivery, another, target, general } = await open();
    const posted = await delivery.post(target, streaming('Once upon'), signal);
    await another().edit(target, posted, streaming('Once'), signal);
    await another().edit(target, posted, final('Once upon a time.'), signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
  });

  test('the reply of another installation to a turn of the same number is not taken for ours', async () => {
    const { slack, delivery, another, target, general } = await open();
    await delivery.post(target, final('of the other app'), signal);
    const other = { ...target, app: 'A0ELSE' };
    await another().post(other, final('ours', { certainlyNew: false }), signal);
    expect(slack.shown(general)).toEqual(['of the other app', 'ours']);
  });

  test('a part that is certainly new is not looked for', async () => {
    const { slack, delivery, target } = await open();
    await delivery.post(target, final('Hello'), signal);
    expect(slack.callsTo('conversations.replies')).toEqual([]);
  });

  test('a limit on reading does not keep a reply back where there is no doubt', async () => {
    const { slack, delivery, target, general } = await open();
    slack.fail('conversations.replies', { type: 'rate-limit', retryAfter: 60 });
    await delivery.post(target, final('Hello', { certainlyNew: false }), signal);
    expect(slack.shown(general)).toEqual(['Hello']);
  });
});

describe('trap: a 429 stops every call of the client', () => {
  test('a 429 is reported with its wait, and an unrelated post goes through meanwhile', async () => {
    const { slack, delivery, target, general } = await open({ native: false });
    const posted = await delivery.post(target, streaming('Once'), signal);
    slack.fail('chat.update', { type: 'rate-limit', retryAfter: 30 });
    const edit = delivery.edit(target, posted, streaming('Once upon'), signal);
    const other = delivery.post(target, final('another reply', { turnId: 8 }), signal);
    await expect(edit).rejects.toMatchObject({
      kind: 'delivery-failed',
      reason: 'unavailable',
      retryAfterMs: 30_000,
    });
    await other;
    expect(slack.shown(general)).toEqual(['Once', 'another reply']);
  });

  test.each([{ type: 'rate-limit' }, { type: 'error', error: 'ratelimited' }] as const)(
    'trap: $type without a Retry-After is worth another try too',
    async (fault) => {
      const { slack, delivery, target, general } = await open();
      slack.fail('chat.postMessage', fault);
      const post = () => delivery.post(target, final('Hello'), signal);
      await expect(post()).rejects.toMatchObject({
        reason: 'unavailable',
        retryable: true,
        retryAfterMs: 5_000,
      });
      await post();
      expect(slack.shown(general)).toEqual(['Hello']);
    },
  );

  test("Slack's own limits of a method are kept to by the budget", async () => {
    const { delivery, target } = await open({ native: false });
    await delivery.post(target, streaming('Once'), signal);
    expect(delivery.budget(target)).toEqual({
      key: 'slack/A0PARLEY/T0PARLEY',
      rate: { edits: 45, perMs: 60_000 },
    });
  });
});

describe('trap: the default time limit is none', () => {
  test('a call that hangs fails in its time', async () => {
    const { slack, delivery, target } = await open({}, { timeoutMs: 100 });
    slack.fail('chat.postMessage', { type: 'hang' });
    slack.fail('conversations.replies', { type: 'hang' });
    await expect(delivery.post(target, final('Hello'), signal)).rejects.toMatchObject({
      reason: 'unavailable',
    });
  });

  test('an abort ends a call that hangs at once', async () => {
    const { slack, delivery, target } = await open();
    slack.fail('chat.postMessage', { type: 'hang' });
    const aborter = new AbortController();
    const post = delivery.post(target, final('Hello'), aborter.signal);
    await slack.waitFor(() => slack.callsTo('chat.postMessage').length === 1);
    const reason = new Error('the lease was lost');
    aborter.abort(reason);
    await expect(post).rejects.toBe(reason);
  });
});

describe('what Slack refuses', () => {
  test.each([
    ['message_not_found', 'gone'],
    ['cant_update_message', 'gone'],
    ['channel_not_found', 'gone'],
    ['not_in_channel', 'forbidden'],
    ['restricted_action', 'forbidden'],
    ['missing_scope', 'forbidden'],
    ['token_revoked', 'unauthorized'],
    ['account_inactive', 'unauthorized'],
    ['invalid_auth', 'unauthorized'],
    ['msg_too_long', 'rejected'],
    ['invalid_blocks', 'rejected'],
    ['internal_error', 'unavailable'],
  ])('%s is %s', async (error, reason) => {
    const { slack, delivery, target } = await open();
    const posted = await delivery.post(target, final('Hello'), signal);
    slack.fail('chat.update', { type: 'error', error }, 2);
    const edit = delivery.edit(target, posted, final('Hello again'), signal);
    await expect(edit).rejects.toMatchObject({
      kind: 'delivery-failed',
      reason,
      retryable: reason === 'unavailable',
    });
  });

  test('a login page in place of an answer is no answer', async () => {
    const { slack, delivery, target } = await open();
    const posted = await delivery.post(target, final('Hello'), signal);
    slack.fail('chat.update', { type: 'html' });
    const edit = delivery.edit(target, posted, final('Hello again'), signal);
    await expect(edit).rejects.toMatchObject({ reason: 'unavailable' });
  });

  test('a revoked token is said to be one, in a stream too, and no token is in the log', async () => {
    const { slack, delivery, target, log } = await open();
    const posted = await delivery.post(target, streaming('Once'), signal);
    slack.revokeToken();
    await expect(delivery.edit(target, posted, streaming('Once upon'), signal)).rejects.toMatchObject({
      reason: 'unauthorized',
    });
    await expect(delivery.showWorking(target, signal)).rejects.toMatchObject({ reason: 'unauthorized' });
    expect(log.everything).not.toContain(slack.botToken);
    expect(log.everything).not.toContain('Once');
  });

  test('a command in a channel without the bot: the asker is told to invite it', async () => {
    const { slack, delivery, target, ada } = await open();
    const foreign = slack.channel('foreign', [ada], { bot: false });
    const responseUrl = String(slack.slashCommand(ada, foreign, 'hi').payload['response_url']);
    const { thread: _thread, message: _message, ...place } = target;
    const post = delivery.post({ ...place, channel: foreign.id, responseUrl }, final('Hello'), signal);
    await expect(post).rejects.toMatchObject({ reason: 'forbidden' });
    expect(slack.ephemerals).toMatchObject([
      { user: ada.id, via: 'response-url', text: expect.stringContaining('/invite') },
    ]);
  });

  test('a target or message id of another platform is refused, not a crash', async () => {
    const { delivery, target } = await open();
    const wrong = { platform: 'discord' as const, channel: '1' };
    await expect(delivery.post(wrong, final('x'), signal)).rejects.toMatchObject({ reason: 'rejected' });
    const edit = delivery.edit(target, { index: 0, messageId: '123' }, final('x'), signal);
    await expect(edit).rejects.toMatchObject({ reason: 'rejected' });
  });
});

describe('the status "thinking"', () => {
  test('is shown at once, not set again while it lasts, and gone when the reply is', async () => {
    const { slack, delivery, target, general, question } = await open();
    await delivery.showWorking(target, signal);
    await delivery.showWorking(target, signal);
    expect(slack.status(general, question.ts)).toBe('is thinking…');
    expect(slack.sessionStatus(general, question.ts)).toBe('processing');
    expect(slack.callsTo('assistant.threads.setStatus')).toHaveLength(1);
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, final('Once upon'), signal);
    expect(slack.status(general, question.ts)).toBe('');
    expect(slack.sessionStatus(general, question.ts)).toBe('active');
  });

  test('is set again before Slack drops it after two minutes', async () => {
    const clock = new FakeClock();
    const { slack, delivery, target, general, question } = await open({ now: () => clock.now() }, { clock });
    for (let i = 0; i < 18; i++) {
      await delivery.showWorking(target, signal);
      expect(slack.status(general, question.ts)).toBe('is thinking…');
      await clock.advance(10_000);
    }
    expect(slack.callsTo('assistant.threads.setStatus')).toHaveLength(3);
  });

  test('is taken away where a regenerated reply is only edited', async () => {
    const { slack, delivery, target, general, question } = await open();
    const posted = await delivery.post(target, final('First'), signal);
    await delivery.showWorking(target, signal);
    await delivery.edit(target, posted, final('Second', { revision: 1 }), signal);
    expect(slack.status(general, question.ts)).toBe('');
  });

  test('is done without where the workspace lacks it: a placeholder is asked for, and Slack not again', async () => {
    const { slack, delivery, target } = await open({ assistant: false, agents: false });
    for (const thread of [target.thread, '1.0']) {
      const shown = delivery.showWorking({ ...target, thread }, signal);
      await expect(shown).rejects.toMatchObject({ kind: 'delivery-failed', reason: 'rejected' });
    }
    expect(slack.callsTo('assistant.threads.setStatus')).toHaveLength(1);
    expect(slack.callsTo('agents.sessions.setStatus')).toHaveLength(1);
  });

  test('needs a thread: a placeholder is asked for outside of one', async () => {
    const { delivery, target } = await open();
    const { thread: _thread, ...flat } = target;
    await expect(delivery.showWorking(flat, signal)).rejects.toMatchObject({ reason: 'rejected' });
  });

  test('a fault of it is no failure', async () => {
    const { slack, delivery, target } = await open();
    slack.fail('assistant.threads.setStatus', { type: 'status', status: 503 });
    slack.fail('agents.sessions.setStatus', { type: 'rate-limit', retryAfter: 60 });
    await expect(delivery.showWorking(target, signal)).resolves.toBeUndefined();
  });
});

describe('what people see', () => {
  test('links are not unfolded, and Markdown goes to Slack as Markdown', async () => {
    const { slack, delivery, target, general } = await open();
    const table = '| a | b |\n|---|---|\n| 1 | **2** |\n\n> quoted\n\n```\nx < y && y > z\n```';
    await delivery.post(target, final(table), signal);
    const [call] = slack.callsTo('chat.postMessage');
    expect(call?.arguments).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
    expect(slack.botMessages(general)[0]?.blocks[0]).toEqual({
      type: 'markdown',
      text: table.replace('x < y && y > z', 'x &lt; y && y &gt; z'),
    });
    expect(slack.shown(general)).toEqual([table]);
  });

  test('the longest part of the worst text is taken by chat.update too', async () => {
    const { slack, delivery, target, general } = await open();
    const posted = await delivery.post(target, final('x'), signal);
    const worst = '<'.repeat(PART_LIMIT);
    await delivery.edit(target, posted, final(worst, { footer: '<'.repeat(500) }), signal);
    expect(slack.shown(general)).toEqual([worst]);
  });

  test('a slow reply draws the eye of the asker in the thread, and of nobody else', async () => {
    const { slack, delivery, target, general, ada, question } = await open();
    const posted = await delivery.post(target, final('Done'), signal);
    await delivery.callAttention(target, 7, posted, signal);
    expect(slack.workspace.pings.map((ping) => ping.markup)).toEqual([`<@${ada.id}>`]);
    expect(slack.botMessages(general)[1]?.threadTs).toBe(question.ts);
  });

  test('the call for attention whose answer was lost is not repeated', async () => {
    const { slack, delivery, target, general } = await open({}, { attention: 'message' });
    const posted = await delivery.post(target, final('Done'), signal);
    slack.fail('chat.postMessage', { type: 'lose-answer' });
    await delivery.callAttention(target, 7, posted, signal);
    expect(slack.shown(general)).toEqual(['Done', 'The answer above is ready.']);
    expect(slack.workspace.pings).toEqual([]);
  });
});
