import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { RecordedMetrics } from '../../../../doubles/recorders/recorded-metrics.js';
import { type DeliveryBench, draft, final, messageTarget, openBench } from './delivery-fixture.js';

const POST = 'POST /channels/{channel_id}/messages';
const PATCH = 'PATCH /channels/{channel_id}/messages/{message_id}';

describe('answers to a message that Discord refuses, limits or loses', () => {
  let bench: DeliveryBench;
  let metrics: RecordedMetrics;
  beforeEach(async () => {
    metrics = new RecordedMetrics();
    bench = await openBench({ random: () => 0, metrics });
  });
  afterEach(() => bench.close());

  test('502 after the message was posted gives one message: the nonce is enforced', async () => {
    const { double, delivery, signal } = bench;
    double.fail({ on: POST, action: { type: 'status', status: 502, applied: true } });
    const posted = await delivery.post(messageTarget(double), final(), signal);
    expect(double.replies().map(({ id }) => id)).toEqual([posted.messageId]);
    expect(double.log.requests('POST', /messages$/)).toHaveLength(2);
  });

  test('a socket that drops is tried again, which the REST client alone does not do', async () => {
    const { double, delivery, signal } = bench;
    double.fail({ on: POST, action: { type: 'drop-socket' }, times: 2 });
    await delivery.post(messageTarget(double), final(), signal);
    expect(double.replies()).toHaveLength(1);
  });

  test('5xx pauses before each repetition', async () => {
    const { double, delivery, signal } = bench;
    double.fail({ on: POST, action: { type: 'status', status: 503 }, times: 3 });
    await delivery.post(messageTarget(double), final(), signal);
    const at = double.log.requests('POST', /messages$/).map((request) => request.at);
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(pauses.map((pause, index) => pause >= 120 * 2 ** index)).toEqual([true, true, true]);
  });

  test('10008: a reply that a person deleted is gone', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const posted = await delivery.post(target, draft(), signal);
    for (const reply of double.replies()) reply.deleted = true;
    await expect(delivery.edit(target, posted, final(), signal)).rejects.toMatchObject({
      kind: 'delivery-failed',
      reason: 'gone',
      retryable: false,
    });
  });

  test('10003: a channel that was deleted is gone', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    double.channel.deleted = true;
    await expect(delivery.post(target, draft(), signal)).rejects.toMatchObject({ reason: 'gone' });
  });

  test('50083: an archived thread is opened once and the edit repeated', async () => {
    const { double, delivery, signal } = bench;
    const thread = double.openThread();
    const target = messageTarget(double, undefined, thread);
    const posted = await delivery.post(target, draft(), signal);
    thread.archived = true;
    await delivery.edit(target, posted, final({ text: 'The end.' }), signal);
    expect(double.replies(thread)[0]?.content).toBe('The end.');
    thread.archived = true;
    thread.locked = true;
    await expect(delivery.edit(target, posted, final(), signal)).rejects.toMatchObject({
      reason: 'forbidden',
    });
  });

  test('160002: where the bot may not read the history it answers without a reference', async () => {
    const { double, delivery, signal } = bench;
    double.channel.refuses = 160002;
    await delivery.post(messageTarget(double), final(), signal);
    expect(double.replies()[0]?.referenceId).toBeNull();
  });

  test('401: a dead token stops all delivery after one request, and the log names DISCORD_TOKEN', async () => {
    const { double, delivery, log, signal } = bench;
    const target = messageTarget(double);
    double.revokeToken();
    const failure = { reason: 'unauthorized', retryable: false };
    await expect(delivery.post(target, draft(), signal)).rejects.toMatchObject(failure);
    await expect(delivery.post(target, draft(), signal)).rejects.toMatchObject(failure);
    expect(double.rest.invalidRequests).toBe(1);
    const errors = log.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('DISCORD_TOKEN')]);
  });

  test('a global 429 is waited out on every route', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    double.fail({ on: POST, action: { type: 'rate-limit', retryAfter: 1, scope: 'global' } });
    const posted = await delivery.post(target, draft(), signal);
    await delivery.edit(target, posted, final({ text: 'after' }), signal);
    const [refused, taken] = double.log.requests('POST', /messages$/);
    expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(double.rest.invalidRequests).toBe(1);
  });

  test('an abort ends the wait for a full bucket at once', async () => {
    const { double, delivery } = bench;
    double.fail({ on: POST, action: { type: 'rate-limit', retryAfter: 5 } });
    const stop = new AbortController();
    const posting = delivery.post(messageTarget(double), draft(), stop.signal);
    await double.waitForRequest('POST', /messages$/);
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(posting).rejects.toBe(reason);
    expect(double.replies()).toEqual([]);
  });

  // Sooner than the REST client gives up by itself, after 15 s.
  test('an abort ends a request that Discord does not answer', { timeout: 14_000 }, async () => {
    const { double, delivery } = bench;
    const stop = new AbortController();
    const reason = new Error('stopped');
    const onArrival = () => stop.abort(reason);
    double.fail({ on: POST, action: { type: 'hold', until: new Promise(() => {}), onArrival } });
    const posting = delivery.post(messageTarget(double), draft(), stop.signal);
    await expect(posting).rejects.toBe(reason);
  });

  test('a 429 is waited out as long as its headers say', async () => {
    const { double, delivery, signal } = bench;
    double.fail({ on: POST, action: { type: 'rate-limit', retryAfter: 0.4 } });
    await delivery.post(messageTarget(double), final(), signal);
    const [refused, taken] = double.log.requests('POST', /messages$/);
    expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(400);
    expect(double.replies()).toHaveLength(1);
  });

  test('a 429 is counted by its route, without ids', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    double.fail({ on: POST, action: { type: 'rate-limit', retryAfter: 0.1 } });
    const posted = await delivery.post(target, draft(), signal);
    double.fail({ on: PATCH, action: { type: 'rate-limit', retryAfter: 0.1 } });
    await delivery.edit(target, posted, final(), signal);
    expect(metrics.of('rateLimited')).toEqual([
      ['discord', 'POST /channels/:id/messages'],
      ['discord', 'PATCH /channels/:id/messages/:id'],
    ]);
  });

  test('a 429 without headers is waited out too, not repeated hot', async () => {
    const { double, delivery, signal } = bench;
    double.fail({ on: POST, action: { type: 'rate-limit', retryAfter: 0.3, bare: true } });
    await delivery.post(messageTarget(double), final(), signal);
    const [refused, taken, ...more] = double.log.requests('POST', /messages$/);
    expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(300);
    expect(more).toEqual([]);
  });

  test('a streaming edit does not wait long: the pipeline learns when to come back with newer text', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const posted = await delivery.post(target, draft(), signal);
    double.fail({ on: PATCH, action: { type: 'rate-limit', retryAfter: 4 } });
    const failure: unknown = await delivery
      .edit(target, posted, draft({ text: 'more' }), signal)
      .catch((e) => e);
    expect(failure).toMatchObject({ reason: 'unavailable', retryable: true });
    expect(failure).toHaveProperty('retryAfterMs', expect.closeTo(4000, -3));
  });

  test('typing that Discord refuses is a planned failure, typing that works is seen', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    await delivery.showWorking(target, signal);
    expect(double.log.requests('POST', /typing$/)).toHaveLength(1);
    double.channel.refuses = 50001;
    await expect(delivery.showWorking(target, signal)).rejects.toMatchObject({ kind: 'delivery-failed' });
  });

  test('no token and no text reaches the log or a failure', async () => {
    const { double, delivery, log, signal } = bench;
    const target = messageTarget(double);
    double.channel.refuses = 50013;
    const failure: unknown = await delivery.post(target, draft({ text: 'a secret' }), signal).catch((e) => e);
    expect(String(failure)).toContain('50013');
    const written = String(failure) + log.everything;
    expect(written).not.toContain('a secret');
    expect(written).not.toContain(double.token);
  });
});

describe('answers to a message, as time goes by', () => {
  let clock: FakeClock;
  let bench: DeliveryBench;
  beforeEach(async () => {
    clock = new FakeClock(Date.now());
    bench = await openBench({ clock });
  });
  afterEach(() => bench.close());

  test('50013: a channel that refuses is left alone for a minute', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    double.channel.refuses = 50013;
    for (let i = 0; i < 5; i++) {
      await expect(delivery.post(target, draft(), signal)).rejects.toMatchObject({
        reason: 'forbidden',
        retryable: false,
      });
    }
    expect(double.rest.invalidRequests).toBe(1);
    double.channel.refuses = null;
    await clock.advance(60_000);
    await delivery.post(target, draft(), signal);
    expect(double.replies()).toHaveLength(1);
  });

  test('30046: an old message that takes no more edits makes way for a fresh one', async () => {
    const { double, delivery, signal } = bench;
    const target = messageTarget(double);
    const posted = await delivery.post(target, final({ text: 'old' }), signal);
    await clock.advance(2 * 3_600_000);
    double.rest.oldEdits = 0;
    const replaced = await delivery.edit(target, posted, final({ text: 'new', revision: 1 }), signal);
    expect(replaced.messageId).not.toBe(posted.messageId);
    expect(double.replies().map(({ content }) => content)).toEqual(['new']);
  });
});
