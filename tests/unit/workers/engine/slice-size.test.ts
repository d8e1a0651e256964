import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SliceSize } from '../../../../workers/engine/slice-size.js';

/** An abort lands with the slice under way: this long at most, and the way to the engine and back. */
const LIMIT_MS = 200;

test('a slice takes less than an abort may, on any machine but the slowest', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 8 / LIMIT_MS, max: 1_000, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (tokensPerMs, slices) => {
        const size = new SliceSize(2_048);
        for (let i = 0; i < slices; i++) size.measured(size.next, size.next / tokensPerMs);
        expect(size.next / tokensPerMs).toBeLessThanOrEqual(LIMIT_MS);
      },
    ),
  );
});

test('fills a batch where the machine is fast, and goes on where it is very slow', () => {
  const fast = new SliceSize(512);
  fast.measured(32, 0.1);
  expect(fast.next).toBe(512);
  const slow = new SliceSize(512);
  slow.measured(32, 60_000);
  expect(slow.next).toBe(8);
});
