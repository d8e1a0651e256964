import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { shownButtons, shownFooter } from '../../../../doubles/slack/workspace.js';
import { final, openDelivery, streaming } from './open-delivery.js';

const signal = new AbortController().signal;

describe('native streaming', () => {
  test('a reply streams by its own methods, for the asker, and ends with footer and buttons', async () => {
    const { slack, delivery, target, general, ada } = await openDelivery();
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
    const { slack, delivery, target, general } = await openDelivery();
    await delivery.post(target, streaming('Once'), signal);
    const [message] = slack.botMessages(general);
    expect(message && shownButtons(message)).toMatchObject([
      { label: 'Stop', value: '7', blockId: 'parley/7/0/0' },
    ]);
  });

  test('a code fence that only closes the part for now is not appended', async () => {
    const { slack, delivery, target, general } = await openDelivery();
    let posted = await delivery.post(target, streaming('```js\nlet a;\n```'), signal);
    posted = await delivery.edit(target, posted, streaming('```js\nlet a;\nlet b;\n```'), signal);
    expect(slack.shown(general)).toEqual(['```js\nlet a;\nlet b;']);
    await delivery.edit(target, posted, final('```js\nlet a;\nlet b;\n```\nDone.'), signal);
    expect(slack.shown(general)).toEqual(['```js\nlet a;\nlet b;\n```\nDone.']);
    expect(slack.callsTo('chat.update')).toHaveLength(1);
  });

  test('where the workspace has no streams, edits with the whole text do, and nobody asks again', async () => {
    const { slack, delivery, target, general } = await openDelivery({ native: false });
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    await delivery.post(target, streaming('Again', { turnId: 8 }), signal);
    expect(slack.callsTo('chat.startStream')).toHaveLength(1);
    expect(slack.shown(general)).toEqual(['Once upon', 'Again']);
  });

  test('where Slack takes no stream as we begin it, edits do too, and nobody asks again', async () => {
    const { slack, delivery, target, general } = await openDelivery();
    slack.fail('chat.startStream', { type: 'error', error: 'invalid_chunks' });
    await delivery.post(target, streaming('Once'), signal);
    await delivery.post(target, streaming('Again', { turnId: 8 }), signal);
    expect(slack.callsTo('chat.startStream')).toHaveLength(1);
    expect(slack.shown(general)).toEqual(['Once', 'Again']);
  });

  test('after the five minutes of a stream, edits with the whole text go on', async () => {
    const clock = new FakeClock();
    const { slack, delivery, target, general } = await openDelivery({ now: () => clock.now() }, { clock });
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
    const { slack, delivery, target, general } = await openDelivery({ now: () => now.ms });
    const posted = await delivery.post(target, streaming('Once'), signal);
    now.ms += 6 * 60_000;
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    expect(slack.shown(general)).toEqual(['Once upon']);
    expect(slack.callsTo('chat.appendStream')[0]?.result).toBe('message_not_in_streaming_state');
  });

  test("Slack's stop button stops the turn, and the last edit still lands", async () => {
    const { slack, delivery, target, general, ada, question, stopped } = await openDelivery();
    const posted = await delivery.post(target, streaming('Once'), signal);
    slack.stopSession(ada, general, question.ts);
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    expect(stopped).toEqual([7]);
    await delivery.edit(target, posted, final('Once upon', { footer: 'Stopped.' }), signal);
    expect(slack.shown(general)).toEqual(['Once upon']);
  });

  test('a direct message without a thread is edited: streams need a thread', async () => {
    const { slack, delivery, target, ada } = await openDelivery();
    const direct = slack.directChannel(ada);
    const { thread: _thread, ...flat } = { ...target, channel: direct.id };
    const posted = await delivery.post(flat, streaming('Once'), signal);
    await delivery.edit(flat, posted, final('Once upon'), signal);
    expect(slack.shown(direct)).toEqual(['Once upon']);
    expect(slack.callsTo('chat.startStream')).toEqual([]);
    expect(slack.botMessages(direct)[0]?.threadTs).toBeUndefined();
  });

  test('more streams than Slack starts in a minute: the others are edited', async () => {
    const { slack, delivery, target, general } = await openDelivery();
    slack.fail('chat.startStream', { type: 'rate-limit', retryAfter: 30 });
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, final('Once upon'), signal);
    expect(slack.shown(general)).toEqual(['Once upon']);
  });
});

describe('trap: ChatStreamer opened three streams, and repeated text after a lost response', () => {
  test('edits of one message that overlap are sent one after the other', async () => {
    const { slack, delivery, target, general } = await openDelivery();
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
      const { slack, delivery, target, general } = await openDelivery();
      const posted = await delivery.post(target, streaming('Once'), signal);
      slack.fail('chat.appendStream', { type });
      await delivery.edit(target, posted, streaming('Once upon'), signal);
      await delivery.edit(target, posted, streaming('Once upon a'), signal);
      expect(slack.shown(general)).toEqual(['Once upon a']);
      expect(slack.callsTo('chat.stopStream')[0]?.arguments).not.toHaveProperty('markdown_text');
      await delivery.edit(target, posted, final('Once upon a time.'), signal);
      expect(slack.shown(general)).toEqual(['Once upon a time.']);
    },
  );

  test('a stop whose answer was lost is asked again', async () => {
    const { slack, delivery, target, general } = await openDelivery();
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
