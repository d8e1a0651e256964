import { describe, expect, test } from 'vitest';
import { RecordedMetrics } from '../../../../doubles/recorders/recorded-metrics.js';
import { final, openDelivery, streaming } from './open-delivery.js';

const signal = new AbortController().signal;

describe('trap: a post that was applied before its 503 or dropped socket is retried by the SDK', () => {
  const faults = [{ type: 'lose-answer' }, { type: 'status', status: 503, applied: true }] as const;

  test.each(faults)('a message met by $type is there once', async (fault) => {
    const { slack, delivery, target, general } = await openDelivery();
    slack.fail('chat.postMessage', fault);
    const posted = await delivery.post(target, final('Hello'), signal);
    expect(slack.shown(general)).toEqual(['Hello']);
    expect(posted.messageId).toBe(`${general.id}/${slack.botMessages(general)[0]?.ts}`);
    expect(slack.callsTo('chat.postMessage')).toHaveLength(1);
  });

  test.each(faults)('a stream met by $type is there once, and goes on', async (fault) => {
    const { slack, delivery, target, general } = await openDelivery();
    slack.fail('chat.startStream', fault);
    const posted = await delivery.post(target, streaming('Once'), signal);
    await delivery.edit(target, posted, streaming('Once upon'), signal);
    await delivery.edit(target, posted, final('Once upon a time.'), signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
  });

  test('a post of which nobody can tell is not repeated before somebody can', async () => {
    const metrics = new RecordedMetrics();
    const { slack, delivery, target, general, log } = await openDelivery({}, { metrics });
    slack.fail('chat.postMessage', { type: 'lose-answer' });
    slack.fail('conversations.replies', { type: 'status', status: 503 }, 2);
    for (let i = 0; i < 2; i++) {
      await expect(delivery.post(target, final('Hello'), signal)).rejects.toMatchObject({
        reason: 'unavailable',
      });
    }
    expect(metrics.of('undecidedSend')).toEqual([['slack'], ['slack']]);
    expect(log.lines.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('nobody can tell'),
    );
    await delivery.post(target, final('Hello'), signal);
    expect(slack.shown(general)).toEqual(['Hello']);
  });

  test('a post that Slack never saw is made again', async () => {
    const { slack, delivery, target, general } = await openDelivery();
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
      const { slack, delivery, another, target, general } = await openDelivery({ native: kind === 'native' });
      await delivery.post(target, streaming('Once upon'), signal);
      const successor = another();
      const again = streaming('Onc', { certainlyNew: false });
      const posted = await successor.post(target, again, signal);
      await successor.edit(target, posted, final('Once upon a time.'), signal);
      expect(slack.shown(general)).toEqual(['Once upon a time.']);
    },
  );

  test('a worker edits the message that a dead one left streaming', async () => {
    const { slack, delivery, another, target, general } = await openDelivery();
    const posted = await delivery.post(target, streaming('Once upon'), signal);
    await another().edit(target, posted, streaming('Once'), signal);
    await another().edit(target, posted, final('Once upon a time.'), signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
  });

  test('the reply of another installation to a turn of the same number is not taken for ours', async () => {
    const { slack, delivery, another, target, general } = await openDelivery();
    await delivery.post(target, final('of the other app'), signal);
    const other = { ...target, app: 'A0ELSE' };
    await another().post(other, final('ours', { certainlyNew: false }), signal);
    expect(slack.shown(general)).toEqual(['of the other app', 'ours']);
  });

  test('a part that is certainly new is not looked for', async () => {
    const { slack, delivery, target } = await openDelivery();
    await delivery.post(target, final('Hello'), signal);
    expect(slack.callsTo('conversations.replies')).toEqual([]);
  });

  test('a worker that cannot see what a dead one posted waits until it can', async () => {
    const { slack, delivery, another, target, general } = await openDelivery();
    await delivery.post(target, streaming('Once upon'), signal);
    const successor = another();
    const again = final('Once upon a time.', { certainlyNew: false });
    for (const fault of [{ type: 'rate-limit', retryAfter: 60 }, { type: 'html' }] as const) {
      slack.fail('conversations.replies', fault);
      await expect(successor.post(target, again, signal)).rejects.toMatchObject({ reason: 'unavailable' });
    }
    await successor.post(target, again, signal);
    expect(slack.shown(general)).toEqual(['Once upon a time.']);
  });
});

describe('trap: a 429 stops every call of the client', () => {
  test('a 429 is reported with its wait, and an unrelated post goes through meanwhile', async () => {
    const metrics = new RecordedMetrics();
    const { slack, delivery, target, general } = await openDelivery({ native: false }, { metrics });
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
    expect(metrics.of('rateLimited')).toEqual([['slack', 'chat.update']]);
    expect(slack.shown(general)).toEqual(['Once', 'another reply']);
  });

  test.each([{ type: 'rate-limit' }, { type: 'error', error: 'ratelimited' }] as const)(
    'trap: $type without a Retry-After is worth another try too',
    async (fault) => {
      const budget = { take: async () => {}, pause: () => {} };
      const { slack, delivery, target, general } = await openDelivery({}, { budget });
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
});

describe('trap: the default time limit is none', () => {
  test('a call that hangs fails in its time', async () => {
    const { slack, delivery, target } = await openDelivery({}, { timeoutMs: 100 });
    slack.fail('chat.postMessage', { type: 'hang' });
    slack.fail('conversations.replies', { type: 'hang' });
    await expect(delivery.post(target, final('Hello'), signal)).rejects.toMatchObject({
      reason: 'unavailable',
    });
  });

  test('an abort ends a call that hangs at once', async () => {
    const { slack, delivery, target } = await openDelivery();
    slack.fail('chat.postMessage', { type: 'hang' });
    const aborter = new AbortController();
    const post = delivery.post(target, final('Hello'), aborter.signal);
    await slack.waitFor(() => slack.callsTo('chat.postMessage').length === 1);
    const reason = new Error('the lease was lost');
    aborter.abort(reason);
    await expect(post).rejects.toBe(reason);
  });
});
