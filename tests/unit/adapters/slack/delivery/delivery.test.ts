import { describe, expect, test } from 'vitest';
import { PART_LIMIT } from '../../../../../adapters/slack/delivery/part-blocks.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { final, openDelivery, streaming } from './open-delivery.js';

const signal = new AbortController().signal;

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
    const { slack, delivery, target } = await openDelivery();
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
    const { slack, delivery, target } = await openDelivery();
    const posted = await delivery.post(target, final('Hello'), signal);
    slack.fail('chat.update', { type: 'html' });
    const edit = delivery.edit(target, posted, final('Hello again'), signal);
    await expect(edit).rejects.toMatchObject({ reason: 'unavailable' });
  });

  test('a revoked token is said to be one, in a stream too, and no token is in the log', async () => {
    const { slack, delivery, target, log } = await openDelivery();
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
    const { slack, delivery, target, ada } = await openDelivery();
    const foreign = slack.channel('foreign', [ada], { bot: false });
    const responseUrl = String(slack.slashCommand(ada, foreign, 'hi').payload['response_url']);
    const { thread: _thread, message: _message, ...place } = target;
    const post = delivery.post(
      { ...place, channel: foreign.id, credential: { responseUrl, expiresAt: 9e12 } },
      final('Hello'),
      signal,
    );
    await expect(post).rejects.toMatchObject({ reason: 'forbidden' });
    expect(slack.ephemerals).toMatchObject([
      { user: ada.id, via: 'response-url', text: expect.stringContaining('/invite') },
    ]);
  });

  test('a target or message id of another platform is refused, not a crash', async () => {
    const { delivery, target } = await openDelivery();
    const wrong = { platform: 'discord' as const, channel: '1' };
    await expect(delivery.post(wrong, final('x'), signal)).rejects.toMatchObject({ reason: 'rejected' });
    const edit = delivery.edit(target, { index: 0, messageId: '123' }, final('x'), signal);
    await expect(edit).rejects.toMatchObject({ reason: 'rejected' });
  });
});

test('a second answer to a reply that was deleted is a new message', async () => {
  const { slack, delivery, target, general } = await openDelivery();
  const first = await delivery.post(target, final('one'), signal);
  await delivery.remove(target, first, signal);
  const again = final('two', { revision: 1, certainlyNew: false });
  await expect(delivery.edit(target, first, again, signal)).rejects.toMatchObject({ reason: 'gone' });
  const second = await delivery.post(target, again, signal);
  expect(second.messageId).not.toBe(first.messageId);
  expect(slack.shown(general)).toEqual(['two']);
});

describe('the status "thinking"', () => {
  test('is shown at once, not set again while it lasts, and gone when the reply is', async () => {
    const { slack, delivery, target, general, question } = await openDelivery();
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
    const { slack, delivery, target, general, question } = await openDelivery(
      { now: () => clock.now() },
      { clock },
    );
    for (let i = 0; i < 18; i++) {
      await delivery.showWorking(target, signal);
      expect(slack.status(general, question.ts)).toBe('is thinking…');
      await clock.advance(10_000);
    }
    expect(slack.callsTo('assistant.threads.setStatus')).toHaveLength(3);
  });

  test('and the stop button speak the language of the question', async () => {
    const { slack, delivery, target, general, question } = await openDelivery();
    const asked = { ...target, language: 'zh' as const };
    await delivery.showWorking(asked, signal);
    expect(slack.status(general, question.ts)).toBe('正在思考…');
    const posted = await delivery.post(asked, streaming('从前', { state: 'placeholder' }), signal);
    expect(JSON.stringify(slack.botMessages(general)[0]?.blocks)).toContain('停止');
    await delivery.edit(asked, posted, final('从前'), signal);
    await delivery.callAttention(asked, 7, posted, signal);
    expect(slack.shown(general).at(-1)).toContain('上面的回答已完成。');
  });

  test('of a question that an older version took in is English', async () => {
    const { slack, delivery, target, general, question } = await openDelivery();
    const { language: _language, ...older } = target;
    await delivery.showWorking(older, signal);
    expect(slack.status(general, question.ts)).toBe('is thinking…');
  });

  test('is taken away where a regenerated reply is only edited', async () => {
    const { slack, delivery, target, general, question } = await openDelivery();
    const posted = await delivery.post(target, final('First'), signal);
    await delivery.showWorking(target, signal);
    await delivery.edit(target, posted, final('Second', { revision: 1 }), signal);
    expect(slack.status(general, question.ts)).toBe('');
  });

  test('is done without where the workspace lacks it: a placeholder is asked for, and Slack not again', async () => {
    const { slack, delivery, target } = await openDelivery({ assistant: false, agents: false });
    for (const thread of [target.thread, '1.0']) {
      const shown = delivery.showWorking({ ...target, thread }, signal);
      await expect(shown).rejects.toMatchObject({ kind: 'delivery-failed', reason: 'rejected' });
    }
    expect(slack.callsTo('assistant.threads.setStatus')).toHaveLength(1);
    expect(slack.callsTo('agents.sessions.setStatus')).toHaveLength(1);
  });

  test('needs a thread: a placeholder is asked for outside of one', async () => {
    const { delivery, target } = await openDelivery();
    const { thread: _thread, ...flat } = target;
    await expect(delivery.showWorking(flat, signal)).rejects.toMatchObject({ reason: 'rejected' });
  });

  test('a fault of it is no failure', async () => {
    const { slack, delivery, target } = await openDelivery();
    slack.fail('assistant.threads.setStatus', { type: 'status', status: 503 });
    slack.fail('agents.sessions.setStatus', { type: 'rate-limit', retryAfter: 60 });
    await expect(delivery.showWorking(target, signal)).resolves.toBeUndefined();
  });
});

describe('what people see', () => {
  test('links are not unfolded, and Markdown goes to Slack as Markdown', async () => {
    const { slack, delivery, target, general } = await openDelivery();
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
    const { slack, delivery, target, general } = await openDelivery();
    const posted = await delivery.post(target, final('x'), signal);
    const worst = '<'.repeat(PART_LIMIT);
    await delivery.edit(target, posted, final(worst, { footer: '<'.repeat(500) }), signal);
    expect(slack.shown(general)).toEqual([worst]);
  });

  test('a slow reply draws the eye of the asker in the thread, and of nobody else', async () => {
    const { slack, delivery, target, general, ada, question } = await openDelivery();
    const posted = await delivery.post(target, final('Done'), signal);
    await delivery.callAttention(target, 7, posted, signal);
    expect(slack.workspace.pings.map((ping) => ping.markup)).toEqual([`<@${ada.id}>`]);
    expect(slack.botMessages(general)[1]?.threadTs).toBe(question.ts);
  });

  test('the call for attention whose answer was lost is not repeated', async () => {
    const { slack, delivery, target, general } = await openDelivery({}, { attention: 'message' });
    const posted = await delivery.post(target, final('Done'), signal);
    slack.fail('chat.postMessage', { type: 'lose-answer' });
    await delivery.callAttention(target, 7, posted, signal);
    expect(slack.shown(general)).toEqual(['Done', 'The answer above is ready.']);
    expect(slack.workspace.pings).toEqual([]);
  });
});
