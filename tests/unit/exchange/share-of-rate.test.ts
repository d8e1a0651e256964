import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOfRate } from '../../../src/exchange/share-of-rate.js';

const rates = fc.record({
  edits: fc.integer({ min: 1, max: 100 }),
  perMs: fc.integer({ min: 1, max: 60_000 }),
});
const counts = fc.integer({ min: 1, max: 1_000 });

test('one alone has the whole rate', () => {
  fc.assert(fc.property(rates, (rate) => void expect(shareOfRate(rate, 1)).toEqual(rate)));
});

test('all together make no more edits than the rate allows, and each may make some', () => {
  fc.assert(
    fc.property(rates, counts, (rate, takers) => {
      const each = shareOfRate(rate, takers);
      expect(each.edits).toBeGreaterThanOrEqual(1);
      expect((each.edits / each.perMs) * takers).toBeLessThanOrEqual((rate.edits / rate.perMs) * (1 + 1e-9));
      if (takers <= rate.edits) expect(each.perMs).toBe(rate.perMs);
    }),
  );
});
