import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordDelivery } from '../../../../../adapters/discord/delivery/delivery.js';
import { memoryEditBudget } from '../../../../../src/exchange/memory-edit-slots.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { type DeliveryBench, draft, final, messageTarget, openBench } from './delivery-fixture.js';

describe('answers to a message', () => {
  let bench: DeliveryBench;
  beforeEach(async () => {
    bench = await openBench({ random: () => 0 });
  });
  afterEach(() => bench.close());

  test('reply to the message asked, and to nothing where it was deleted meanwhile', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    await delivery.post(target, draft(), signal);
    const deleted = double.person.say(double.channel, 'never mind', { mention: true });
    deleted.deleted = true;
    await delivery.post(messageTarget(double, deleted), draft({ turnId: 42 }), signal);
    expect(double.replies().map(({ referenceId }) => referenceId)).toEqual([target.messageId, null]);
  });

  test('every create and every edit forbids all mentions', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const text = `@everyone <@${double.person.id}> <@&${double.guild.id}>`;
    const posted = await delivery.post(target, draft({ text }), signal);
    await delivery.edit(target, posted, draft({ text: `${text} @here` }), signal);
    await delivery.edit(target, posted, final({ text: `${text} @here!` }), signal);
    expect(double.pings).toEqual([]);
    const sent = double.log.requests('PATCH', /messages/).map(({ body }) => body);
    expect(sent).toEqual(
      sent.map(() => expect.objectContaining({ allowed_mentions: { parse: [], replied_user: false } })),
    );
  });

  test('a worker that takes over brings the message of its predecessor up to date', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const first = await delivery.post(target, draft({ text: 'Thinking…', state: 'placeholder' }), signal);
    const again = await delivery.post(target, final({ text: 'Done.' }), signal);
    expect(again.messageId).toBe(first.messageId);
    expect(double.replies().map(({ content }) => content)).toEqual(['Done.']);
    expect(JSON.stringify(double.replies()[0]?.components)).toContain('parley:again:41');
  });

  test('a notice that comes late leaves the answer that stands there', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const answer = await delivery.post(target, final({ text: 'Done.' }), signal);
    const notice = draft({ text: '2 questions are ahead of yours…', state: 'placeholder' });
    const late = await delivery.post(target, { ...notice, certainlyNew: true, unlessThere: true }, signal);
    expect(late.messageId).toBe(answer.messageId);
    expect(double.replies().map(({ content }) => content)).toEqual(['Done.']);
  });

  test('another part and another revision have another nonce', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const certainlyNew = true;
    await delivery.post(target, draft({ certainlyNew }), signal);
    await delivery.post(target, draft({ certainlyNew, index: 1 }), signal);
    await delivery.post(target, draft({ certainlyNew, index: 1, revision: 1 }), signal);
    expect(double.replies()).toHaveLength(3);
  });

  test('stop while it streams, thumbs and regenerate at the end, nothing on earlier parts', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const posted = await delivery.post(target, draft(), signal);
    const ids = () =>
      [...JSON.stringify(double.replies()[0]?.components).matchAll(/parley:\w+:\d+/g)].map(String);
    expect(ids()).toEqual(['parley:stop:41']);
    await delivery.edit(target, posted, final(), signal);
    expect(ids()).toEqual(['parley:up:41', 'parley:down:41', 'parley:again:41']);
    await delivery.edit(target, posted, final({ controls: 'none' }), signal);
    expect(ids()).toEqual([]);
  });

  test('an empty text is shown as an ellipsis, never sent as an empty message', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    await delivery.post(target, draft({ text: ' ', state: 'placeholder' }), signal);
    expect(double.replies()[0]?.content).toBe('…');
  });

  test('a footer is small type under the text', async () => {
    const { double, delivery, signal } = bench;
    await delivery.post(messageTarget(double), final({ footer: 'Answered by small' }), signal);
    expect(double.replies()[0]?.content).toBe('A tower with a light.\n-# Answered by small');
  });

  test('paced by its own budget it never meets a 429', async () => {
    const { double, delivery, signal } = bench;
    double.rest.limits.limits.set('patch /channels/{channel_id}/messages/{message_id}', {
      limit: 5,
      windowMs: 500,
    });
    const target = messageTarget(double);
    const posted = await delivery.post(target, draft(), signal);
    for (let i = 0; i < 12; i++) await delivery.edit(target, posted, final({ text: `version ${i}` }), signal);
    expect(double.rest.invalidRequests).toBe(0);
    expect(double.replies()[0]?.content).toBe('version 11');
  });

  test('four replies that stream in one channel share its budget and meet no 429', async () => {
    const { double, delivery, signal } = bench;
    const route = 'patch /channels/{channel_id}/messages/{message_id}';
    double.rest.limits.limits.set(route, { limit: 5, windowMs: 1_000 });
    const budget = memoryEditBudget(systemClock);
    const stream = async (turnId: number) => {
      const target = messageTarget(double);
      const posted = await delivery.post(target, draft({ turnId }), signal);
      for (let i = 0; i < 4; i++) {
        const { key, rate } = delivery.budget(target);
        await budget.take(key, { ...rate, perMs: rate.perMs / 5 }, false, signal);
        await delivery.edit(target, posted, final({ turnId, text: `turn ${turnId}, version ${i}` }), signal);
      }
    };
    await Promise.all([1, 2, 3, 4].map(stream));
    expect(double.rest.invalidRequests).toBe(0);
    expect(double.replies().map(({ content }) => content)).toEqual(
      expect.arrayContaining([1, 2, 3, 4].map((turnId) => `turn ${turnId}, version 3`)),
    );
  });

  test('attention is a fresh message that pings the asker and nobody else, once', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const posted = await delivery.post(target, final({ text: '@everyone' }), signal);
    await delivery.callAttention(target, 41, posted, signal);
    await delivery.callAttention(target, 41, posted, signal);
    expect(double.pings).toEqual([double.person.id]);
    expect(double.replies()).toHaveLength(2);
    expect(double.replies()[1]?.referenceId).toBe(posted.messageId);
  });

  test('attention without a ping is a fresh message all the same', async () => {
    const { double, signal } = bench;
    const { apiUrl, token, world } = double;
    const { log } = bench;
    const delivery = createDiscordDelivery({ apiUrl, token, clock: world.clock, log, attention: 'message' });
    const target = messageTarget(double);
    const posted = await delivery.post(target, final(), signal);
    await delivery.callAttention(target, 41, posted, signal);
    expect(double.replies()).toHaveLength(2);
    expect(double.pings).toEqual([]);
  });
});
