import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { RecordedMetrics } from '../../../../doubles/recorders/recorded-metrics.js';
import { type DeliveryBench, deferredTarget, draft, final, openBench } from './delivery-fixture.js';

const FOLLOW_UP = 'POST /webhooks/{webhook_id}/{webhook_token}';
const MINUTE = 60_000;

describe('answers to an interaction', () => {
  let bench: DeliveryBench;
  beforeEach(async () => {
    bench = await openBench({ random: () => 0 });
  });
  afterEach(() => bench.close());

  test('"thinking…" becomes the first part, further parts are follow-ups', async () => {
    const { double, delivery, signal } = bench;
    const { target, interaction } = await deferredTarget(double);
    const first = await delivery.post(target, final({ text: 'one', controls: 'none' }), signal);
    const second = await delivery.post(target, final({ text: 'two', index: 1, certainlyNew: true }), signal);
    expect(first.messageId).toBe(interaction.originalId);
    expect(double.replies().map(({ content }) => content)).toEqual(['one', 'two']);
    await delivery.edit(target, second, final({ text: 'two, edited', index: 1 }), signal);
    await delivery.remove(target, first, signal);
    expect(double.replies().map(({ content }) => content)).toEqual(['two, edited']);
  });

  test.each([true, false])(
    'a second answer to a response that was deleted is a new message, and stays one (mayPost %s)',
    async (mayPost) => {
      const { double, delivery, signal } = bench;
      const deferred = await deferredTarget(double);
      const target = { ...deferred.target, mayPost };
      const first = await delivery.post(target, final({ text: 'one' }), signal);
      const [shown] = double.replies();
      if (shown) shown.deleted = true;
      const again = (text: string) => final({ text, revision: 1 });
      await expect(delivery.edit(target, first, again('two'), signal)).rejects.toMatchObject({
        reason: 'gone',
      });
      const second = await delivery.post(target, again('two'), signal);
      expect(second.messageId).not.toBe(first.messageId);
      expect(await delivery.edit(target, second, again('two, edited'), signal)).toEqual(second);
      expect(double.replies().map(({ content }) => content)).toEqual(['two, edited']);
    },
  );

  test('the question stays above the first part, whoever edits it', async () => {
    const { double, delivery, signal } = bench;
    const deferred = await deferredTarget(double);
    const target = { ...deferred.target, question: 'why?' };
    const posted = await delivery.post(target, draft({ text: 'Be' }), signal);
    await delivery.post(target, final({ text: 'more', index: 1, certainlyNew: true }), signal);
    expect(double.replies().map(({ content }) => content)).toEqual(['> why?\nBe', 'more']);
    await delivery.edit(target, posted, final({ text: 'Because.', revision: 1 }), signal);
    expect(double.replies()[0]?.content).toBe('> why?\nBecause.');
  });

  test('a worker needs no bot token for them', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    double.revokeToken();
    const posted = await delivery.post(target, draft(), signal);
    await delivery.edit(target, posted, final({ text: 'done' }), signal);
    const sent = double.log.requests('PATCH', /@original/);
    expect(sent.map(({ authorization }) => authorization)).toEqual([null, null]);
  });

  test('model output pings nobody, in the response and in follow-ups', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    const text = `@everyone <@${double.person.id}> <@&${double.guild.id}>`;
    const posted = await delivery.post(target, draft({ text }), signal);
    await delivery.edit(target, posted, draft({ text: `${text}!` }), signal);
    await delivery.post(target, draft({ text, index: 1 }), signal);
    expect(double.pings).toEqual([]);
  });

  test('502 after a follow-up was posted gives one follow-up, although webhooks know no nonce', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    await delivery.post(target, draft({ text: 'one' }), signal);
    double.fail({ on: FOLLOW_UP, action: { type: 'status', status: 502, applied: true } });
    const second = await delivery.post(target, final({ text: 'two', index: 1, certainlyNew: true }), signal);
    expect(
      double
        .replies()
        .map(({ id, content }) => [id, content])
        .slice(1),
    ).toEqual([[second.messageId, 'two']]);
  });

  test('a worker that takes over finds the follow-up of its predecessor', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    await delivery.post(target, draft({ text: 'one' }), signal);
    const lost = await delivery.post(target, draft({ text: 'tw', index: 1, certainlyNew: true }), signal);
    const found = await delivery.post(target, final({ text: 'two', index: 1 }), signal);
    expect(found.messageId).toBe(lost.messageId);
    expect(double.replies().map(({ content }) => content)).toEqual(['one', 'two']);
  });

  test('a lost follow-up that was never posted is posted again', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    await delivery.post(target, draft({ text: 'one' }), signal);
    double.fail({ on: FOLLOW_UP, action: { type: 'drop-socket' } });
    await delivery.post(target, final({ text: 'two', index: 1, certainlyNew: true }), signal);
    expect(double.replies().map(({ content }) => content)).toEqual(['one', 'two']);
  });

  test('a lost follow-up that cannot be looked for is reported', async () => {
    const metrics = new RecordedMetrics();
    const { double, delivery, signal, log, close } = await openBench({ random: () => 0, metrics });
    const { target } = await deferredTarget(double, { mayPost: false });
    await delivery.post(target, draft({ text: 'one' }), signal);
    double.fail({ on: FOLLOW_UP, action: { type: 'drop-socket' } });
    await delivery.post(target, final({ text: 'two', index: 1, certainlyNew: true }), signal);
    expect(metrics.of('undecidedSend')).toEqual([['discord']]);
    expect(log.lines.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('nobody can tell'),
    );
    await close();
  });

  test('a user-installed app has 5 follow-ups: the sixth is refused for good', async () => {
    const { double, delivery, signal } = bench;
    const guild = double.world.addGuild('Elsewhere', false);
    const channel = double.world.addChannel({ kind: 'text', guildId: guild.id });
    const { target } = await deferredTarget(double, { install: 'user', channel });
    for (let index = 0; index <= 5; index++) await delivery.post(target, draft({ index }), signal);
    await expect(delivery.post(target, draft({ index: 6 }), signal)).rejects.toMatchObject({
      reason: 'rejected',
      retryable: false,
    });
    expect(double.replies(channel)).toHaveLength(6);
    expect(double.log.requests('POST', /webhooks/)).toHaveLength(5);
  });

  test('typing is left to "thinking…"', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    await delivery.showWorking(target, signal);
    expect(double.log.requests('POST', /typing/)).toEqual([]);
  });

  test('each interaction has a budget of its own, named without its token', async () => {
    const { double, delivery } = bench;
    const { target } = await deferredTarget(double);
    const other = await deferredTarget(double);
    const { key } = delivery.budget(target);
    expect(key).not.toBe(delivery.budget(other.target).key);
    expect(key).not.toContain(target.credential.token);
  });

  test('where the bot is no member, attention is a follow-up', async () => {
    const { double, delivery, signal } = bench;
    const guild = double.world.addGuild('Elsewhere', false);
    const channel = double.world.addChannel({ kind: 'text', guildId: guild.id });
    const { target } = await deferredTarget(double, { install: 'user', channel });
    const posted = await delivery.post(target, final(), signal);
    await delivery.callAttention(target, 41, posted, signal);
    expect(double.pings).toEqual([double.person.id]);
  });
});

describe('interactions as time goes by', () => {
  let clock: FakeClock;
  let bench: DeliveryBench;
  beforeEach(async () => {
    clock = new FakeClock(Date.now());
    bench = await openBench({ clock });
  });
  afterEach(() => bench.close());

  test('after 15 minutes the reply goes on as a message of the channel', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    const posted = await delivery.post(target, draft({ text: 'one' }), signal);
    await clock.advance(16 * MINUTE);
    await delivery.edit(target, posted, final({ text: 'one, late', controls: 'none' }), signal);
    await delivery.post(target, final({ text: 'two', index: 1 }), signal);
    expect(double.replies().map(({ content }) => content)).toEqual(['one, late', 'two']);
    expect(delivery.budget(target).key).toContain(double.channel.id);
    expect(double.log.requests('PATCH', /webhooks/)).toHaveLength(1);
    expect(double.rest.invalidRequests).toBe(0);
  });

  test('once its token is erased, a reply is edited as a message of the channel', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    const posted = await delivery.post(target, final({ text: 'one' }), signal);
    const { credential: _erased, ...left } = target;
    await delivery.edit(left, posted, final({ text: 'one, again', revision: 1 }), signal);
    expect(double.replies().map(({ content }) => content)).toEqual(['one, again']);
    expect(double.log.requests('PATCH', /webhooks/)).toHaveLength(1);
  });

  test('50027: a token that Discord refuses sooner is dropped after one try', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double);
    const stale = {
      ...target,
      credential: { ...target.credential, expiresAt: target.credential.expiresAt + 60 * MINUTE },
    };
    await clock.advance(16 * MINUTE);
    const first = await delivery.post(stale, draft({ text: 'one' }), signal);
    await delivery.post(stale, draft({ text: 'two', index: 1, others: [first.messageId] }), signal);
    expect(
      double
        .replies()
        .filter(({ loading }) => !loading)
        .map(({ content }) => content),
    ).toEqual(['one', 'two']);
    expect(double.log.requests('PATCH', /@original/).map(({ code }) => code)).toEqual([50027]);
    expect(double.rest.invalidRequests).toBe(1);
  });

  test('where the bot is no member, a token that has run out ends the reply', async () => {
    const { double, delivery, signal } = bench;
    const { target } = await deferredTarget(double, { mayPost: false });
    await clock.advance(16 * MINUTE);
    await expect(delivery.post(target, draft(), signal)).rejects.toMatchObject({
      reason: 'gone',
      retryable: false,
    });
  });
});
