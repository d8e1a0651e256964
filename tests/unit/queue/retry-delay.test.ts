import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryDelay } from '../../../src/queue/retry-delay.js';

const pace = { firstMs: 500, lastMs: 60_000 };
const attempts = fc.integer({ min: 1, max: 10_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('doubles from the first wait, jittered over the upper half', () => {
  expect(retryDelay(pace, 1, undefined, 0)).toBe(250);
  expect(retryDelay(pace, 1, undefined, 0.999999)).toBe(500);
  expect(retryDelay(pace, 4, undefined, 0)).toBe(2_000);
  expect(retryDelay(pace, 4, undefined, 0.999999)).toBe(4_000);
});

test('stays within its limits however many attempts failed and whatever was asked', () => {
  fc.assert(
    fc.property(attempts, random, fc.option(fc.double(), { nil: undefined }), (made, jitter, asked) => {
      const delay = retryDelay(pace, made, asked, jitter);
      expect(Number.isSafeInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(1);
      expect(delay).toBeLessThanOrEqual(pace.lastMs);
    }),
  );
});

test('waits at least as long as asked', () => {
  fc.assert(
    fc.property(attempts, random, fc.nat(pace.lastMs), (made, jitter, asked) => {
      expect(retryDelay(pace, made, asked, jitter)).toBeGreaterThanOrEqual(asked);
    }),
  );
});
