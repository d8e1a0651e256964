import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sliderScale } from '../../../../../../../adapters/web/page/chat/settings/slider-scale.js';
import { DEFAULT_SAMPLING, SAMPLING_NUMBERS } from '../../../../../../../src/domain/sampling.js';

const PARAMETERS = ['temperature', 'topK', 'topP', 'minP', 'repeatPenalty', 'maxTokens'] as const;

test.each(PARAMETERS)(
  '%s: goes from least to most, through the default, by steps a pointer can hit',
  (name) => {
    const range = { ...SAMPLING_NUMBERS[name], default: DEFAULT_SAMPLING[name] };
    const { last, valueAt, positionOf } = sliderScale(range);
    const values = Array.from({ length: last + 1 }, (_, position) => valueAt(position));
    expect(values[0]).toBe(range.min);
    expect(values.at(-1)).toBe(range.max);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values).toContain(range.default);
    expect(valueAt(positionOf(range.default))).toBe(range.default);
    expect(last).toBeLessThanOrEqual(120);
    if (range.whole) expect(values.every(Number.isInteger)).toBe(true);
  },
);

test('shows any value at the nearest place, whatever the range', () => {
  const ranges = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 100_000 }), fc.boolean(), fc.nat(100))
    .map(([min, width, whole, share]) => {
      const middle = min + (width * share) / 100;
      return { min, max: min + width, whole, default: whole ? Math.round(middle) : middle };
    });
  fc.assert(
    fc.property(ranges, fc.nat(100), (range, share) => {
      const { last, valueAt, positionOf } = sliderScale(range);
      expect(valueAt(positionOf(range.default))).toBe(range.default);
      const value = range.min + ((range.max - range.min) * share) / 100;
      const position = positionOf(value);
      expect(position).toBeGreaterThanOrEqual(0);
      expect(position).toBeLessThanOrEqual(last);
      expect(valueAt(position)).toBeGreaterThanOrEqual(range.min);
      expect(valueAt(position)).toBeLessThanOrEqual(range.max);
    }),
  );
});
