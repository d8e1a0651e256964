import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../../../../src/domain/time/duration.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { type DeliveryBench, draft, final, messageTarget, openBench } from './delivery-fixture.js';

const HISTORY = /^\/channels\/\d+\/messages$/;

describe('a part whose posting was cut off, taken up when Discord has forgotten its nonce', () => {
  let clock: FakeClock;
  let bench: DeliveryBench;
  beforeEach(async () => {
    clock = new FakeClock();
    bench = await openBench({ clock });
  });
  afterEach(() => bench.close());

  const doubts = () => bench.log.lines.filter(({ message }) => message.includes('may stand twice'));
  const contents = () => bench.double.replies().map(({ content }) => content);

  test('is found by the message it answers, and brought up to date', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const lost = await delivery.post(
      target,
      draft({ text: 'Thinking…', state: 'placeholder', controls: 'none', certainlyNew: true }),
      signal,
    );
    await clock.advance(30 * MINUTE_MS);
    double.person.say(double.channel, 'chatter');
    const found = await delivery.post(target, final({ text: 'Done.' }), signal);
    expect(found.messageId).toBe(lost.messageId);
    expect(contents()).toEqual(['Done.']);
    expect(doubts()).toEqual([]);
  });

  test('is found by its buttons where it answers none, and is never another part', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const first = await delivery.post(target, final({ text: 'one', certainlyNew: true }), signal);
    const lost = await delivery.post(target, draft({ text: 'tw', index: 1, certainlyNew: true }), signal);
    await clock.advance(30 * MINUTE_MS);
    const others = [first.messageId];
    const found = await delivery.post(target, final({ text: 'two', index: 1, others }), signal);
    expect(found.messageId).toBe(lost.messageId);
    const third = await delivery.post(
      target,
      final({ text: 'three', index: 2, others: [...others, found.messageId] }),
      signal,
    );
    expect([first.messageId, lost.messageId]).not.toContain(third.messageId);
    expect(contents()).toEqual(['one', 'two', 'three']);
  });

  test('is posted once where nobody had posted it: the answers to others are left alone', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const other = messageTarget(double, double.person.say(double.channel, 'and me?', { mention: true }));
    await delivery.post(other, final({ text: 'to another', turnId: 42, certainlyNew: true }), signal);
    await clock.advance(30 * MINUTE_MS);
    await delivery.post(target, final({ text: 'to the first' }), signal);
    expect(contents()).toEqual(['to another', 'to the first']);
    expect(doubts()).toEqual([]);
  });

  test('is looked for behind what was said since, page by page', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const lost = await delivery.post(target, draft({ certainlyNew: true }), signal);
    await clock.advance(30 * MINUTE_MS);
    for (let i = 0; i < 150; i++) double.person.say(double.channel, `chatter ${i}`);
    const found = await delivery.post(target, final(), signal);
    expect(found.messageId).toBe(lost.messageId);
    expect(double.log.requests('GET', HISTORY)).toHaveLength(2);
  });

  test('where more was said than is read, it is posted, and that it may stand twice is logged once', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    for (let i = 0; i < 320; i++) double.person.say(double.channel, `chatter ${i}`);
    await delivery.post(target, final(), signal);
    expect(contents()).toHaveLength(1);
    expect(doubts()).toMatchObject([
      { level: 'warn', fields: { turnId: 41, index: 0, channelId: double.channel.id, why: 'too-much-said' } },
    ]);
  });

  test.each([
    ['refuses', { type: 'error', status: 403, code: 50001 } as const],
    ['tells nothing of its history', null],
  ])('where the channel %s it is posted, and that is logged too', async (_how, action) => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    if (action) double.fail({ on: 'GET /channels/{channel_id}/messages', action });
    else double.rest.hidesHistory = true;
    await delivery.post(target, final(), signal);
    expect(doubts()).toMatchObject([{ fields: { why: 'unreadable' } }]);
  });

  test('what is certainly new is not looked for', async () => {
    const { double, delivery, signal } = bench;
    await delivery.post(messageTarget(double), final({ certainlyNew: true }), signal);
    expect(double.log.requests('GET', HISTORY)).toHaveLength(0);
  });
});
