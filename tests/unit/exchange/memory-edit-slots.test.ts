import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryEditSlots, memoryEditBudget } from '../../../src/exchange/memory-edit-slots.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';

const step = fc.oneof(
  fc.record({
    kind: fc.constant('take' as const),
    key: fc.nat(1),
    urgent: fc.boolean(),
    givesUp: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(400) }),
  fc.record({ kind: fc.constant('pause' as const), key: fc.nat(1), ms: fc.nat(700) }),
);
const rates = fc.record({ edits: fc.integer({ min: 1, max: 5 }), perMs: fc.integer({ min: 1, max: 1_000 }) });

test('whatever is asked when, no window holds more than the rate, no pause is broken, and nobody waits for ever', async () => {
  await fc.assert(
    fc.asyncProperty(rates, fc.array(step, { maxLength: 40 }), async (rate, steps) => {
      const clock = new FakeClock(0);
      const budget = memoryEditBudget(clock);
      const takes: { readonly key: number; readonly at: number }[] = [];
      const pauses: { readonly key: number; readonly from: number; readonly to: number }[] = [];
      const asked: Promise<void>[] = [];
      for (const each of steps) {
        if (each.kind === 'pass') await clock.advance(each.ms);
        if (each.kind === 'pause') {
          budget.pause(String(each.key), each.ms);
          pauses.push({ key: each.key, from: clock.now(), to: clock.now() + each.ms });
        }
        if (each.kind === 'take') {
          const gone = new AbortController();
          const take = budget.take(String(each.key), rate, each.urgent, gone.signal);
          asked.push(take.then(() => void takes.push({ key: each.key, at: clock.now() })).catch(() => {}));
          if (each.givesUp) gone.abort(new Error('gone'));
        }
      }
      await clock.advance(steps.length * 1_000 + 1_000);
      await Promise.all(asked);
      for (const { key, at } of takes) {
        const inWindow = takes.filter((o) => o.key === key && o.at >= at && o.at < at + rate.perMs);
        expect(inWindow.length).toBeLessThanOrEqual(rate.edits);
      }
      for (const pause of pauses) {
        const broken = takes.filter((o) => o.key === pause.key && o.at > pause.from && o.at < pause.to);
        expect(broken).toEqual([]);
      }
      expect(clock.sleeping).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test('the next edit is allowed in the very millisecond that the window has room', async () => {
  const clock = new FakeClock(0);
  const budget = memoryEditBudget(clock);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    void budget
      .take('a', { edits: 2, perMs: 1_000 }, false, new AbortController().signal)
      .then(() => times.push(clock.now()));
  }
  await clock.advance(3_000);
  expect(times).toEqual([0, 0, 1_000, 1_000, 2_000]);
});

test('memory does not grow with the keys seen', async () => {
  const clock = new FakeClock(0);
  const slots = new MemoryEditSlots(clock);
  for (let i = 0; i < 10_000; i++) {
    slots.take(`channel-${i}`, { edits: 5, perMs: 1_000 });
    slots.pause(`paused-${i}`, 100);
    await (i % 100 === 0 ? clock.advance(2_000) : undefined);
  }
  expect(slots.size).toBeLessThan(500);
});

test('busy keys are never forgotten', () => {
  const clock = new FakeClock(0);
  const slots = new MemoryEditSlots(clock);
  const rate = { edits: 1, perMs: 1_000 };
  for (let i = 0; i < 500; i++) slots.take(`channel-${i}`, rate);
  for (let i = 0; i < 500; i++) expect(slots.take(`channel-${i}`, rate).granted).toBe(false);
});

test('a clock set back by an hour does not block a key for an hour', () => {
  const times = [3_600_000, 0];
  let now = times[0] ?? 0;
  const slots = new MemoryEditSlots({ now: () => now, sleep: async () => {} });
  const rate = { edits: 1, perMs: 1_000 };
  slots.take('a', rate);
  now = times[1] ?? 0;
  expect(slots.take('a', rate)).toEqual({ granted: false, waitMs: 1_000 });
});
