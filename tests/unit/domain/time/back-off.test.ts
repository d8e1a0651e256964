import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOff, UPPER_HALF } from '../../../../src/domain/time/back-off.js';

test('doubles from the first pause up to the last', () => {
  const waits = [1, 2, 3, 4, 5, 2_000].map((failures) => backOff({ firstMs: 500, lastMs: 3_000 }, failures));

  expect(waits).toEqual([500, 1_000, 2_000, 3_000, 3_000, 3_000]);
});

test('grows by another factor, and without an end, where that is asked for', () => {
  expect([1, 2, 3].map((failures) => backOff({ firstMs: 250, factor: 4 }, failures))).toEqual([
    250, 1_000, 4_000,
  ]);
});

test('is spread over the upper half', () => {
  const pace = { firstMs: 500, lastMs: 8_000, spread: UPPER_HALF };

  expect([0, 0.5, 0.999999].map((random) => Math.round(backOff(pace, 3, random)))).toEqual([
    1_000, 1_500, 2_000,
  ]);
});

test('never shrinks with another failure, and stays within what it is spread over', () => {
  const pace = { firstMs: 50, lastMs: 2_000, spread: [0.75, 1.25] } as const;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const wait = backOff(pace, failures, random);
        expect(wait).toBeGreaterThanOrEqual(37.5);
        expect(wait).toBeLessThanOrEqual(2_500);
        expect(backOff(pace, failures + 1, random)).toBeGreaterThanOrEqual(wait);
      },
    ),
  );
});
