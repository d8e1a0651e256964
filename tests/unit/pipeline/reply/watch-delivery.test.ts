import { describe, expect, test } from 'vitest';
import { watchDelivery } from '../../../../src/pipeline/reply/watch-delivery.js';
import { NO_TRACING } from '../../../../src/ports/telemetry/tracing.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedMetrics } from '../../../doubles/recorders/recorded-metrics.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { draft, final } from '../../../fixtures/part-draft.js';
import { openAnswering, speech } from '../answer/answering.js';

const signal = new AbortController().signal;
const target = { platform: 'discord' } as const;

function watched(revision = 0) {
  const clock = new FakeClock();
  const metrics = new RecordedMetrics();
  const turn = { acceptedAt: new Date(clock.now() - 2_000), revision, target };
  const plain = new RecordingDelivery();
  return {
    plain,
    metrics,
    clock,
    delivery: watchDelivery(plain, turn, { check: () => {} }, clock, metrics, NO_TRACING.begin('', null)),
  };
}

describe('a watched delivery', () => {
  test('counts what was sent, and what newer text saved', async () => {
    const { delivery, metrics, clock } = watched();
    const posted = await delivery.post(target, draft({ state: 'placeholder' }), signal);
    expect(delivery.firstTextMs).toBeNull();
    await clock.advance(500);
    for (let n = 0; n < 4; n++) delivery.textGrew();
    await delivery.edit(target, posted, draft(), signal);
    delivery.textGrew();
    await clock.advance(500);
    await delivery.edit(target, posted, final(), signal);
    expect(delivery.firstTextMs).toBe(2_500);
    expect(metrics.calls).toEqual([
      { name: 'sent', args: ['discord', 'post'] },
      { name: 'sent', args: ['discord', 'edit'] },
      { name: 'firstVisibleText', args: ['discord', 2_500] },
      { name: 'editsSaved', args: ['discord', 3] },
      { name: 'sent', args: ['discord', 'edit'] },
    ]);
  });

  test('counts nothing that the platform did not take', async () => {
    const { delivery, plain, metrics } = watched();
    plain.failures.push({ error: new Error('away') });
    await expect(delivery.post(target, draft(), signal)).rejects.toThrow('away');
    expect(metrics.calls).toEqual([]);
  });

  test('takes no first text of a turn that is answered again', async () => {
    const { delivery, metrics } = watched(1);
    await delivery.edit(target, { index: 0, messageId: 'm' }, draft(), signal);
    expect(metrics.of('firstVisibleText')).toEqual([]);
  });
});

describe('a turn that is answered', () => {
  const setup = openAnswering();

  test('is counted once, with what the model made of it', async () => {
    const metrics = new RecordedMetrics();
    setup.speeches = [speech('Forty-two.')];
    const turn = await setup.claimed();
    await setup.answered(turn, { metrics });
    expect(metrics.of('generated')).toMatchObject([[{ model: 'scripted', usage: { reply: 2 } }]]);
    expect(metrics.of('turnEnded')).toEqual([
      ['discord', expect.objectContaining({ state: 'done' }), expect.any(Number)],
    ]);
    expect(metrics.of('firstVisibleText')).toHaveLength(1);
  });

  test('is not counted by an attempt that no longer holds it', async () => {
    const metrics = new RecordedMetrics();
    const turn = await setup.claimed();
    setup.speeches = [speech('Late.', async () => void (await setup.takenOver(turn)))];
    await setup.answered(turn, { metrics });
    expect(metrics.of('turnEnded')).toEqual([]);
  });
});
