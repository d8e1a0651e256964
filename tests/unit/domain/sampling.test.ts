import { expect, test } from 'vitest';
import {
  DEFAULT_SAMPLING,
  DEFAULTED_NUMBERS,
  mergeSampling,
  SAMPLING_NUMBERS,
  samplingOnWire,
} from '../../../src/domain/sampling.js';

test.each(Object.entries(DEFAULTED_NUMBERS))('the default of %s is one that may be set', (name, number) => {
  expect(number.default).toBeGreaterThanOrEqual(number.min);
  expect(number.default).toBeLessThanOrEqual(number.max);
  expect(number.whole && !Number.isInteger(number.default)).toBe(false);
  expect(DEFAULT_SAMPLING).toHaveProperty(name, number.default);
});

test('no two numbers have one name on the wire', () => {
  const names = Object.values(SAMPLING_NUMBERS).map(({ wire }) => wire);
  expect(new Set(names).size).toBe(names.length);
});

test('on the wire stands what is set, in the order of the table', () => {
  const body = samplingOnWire({ stop: ['.'], seed: 0, maxTokens: undefined, topK: 5 });
  expect(Object.entries(body)).toEqual([
    ['top_k', 5],
    ['seed', 0],
    ['stop', ['.']],
  ]);
  expect(samplingOnWire({})).toEqual({});
});

test('of several layers the strongest that says something wins', () => {
  const merged = mergeSampling({ topK: undefined, minP: 0 }, { topK: 5, minP: 0.1 }, DEFAULT_SAMPLING);
  expect(merged).toEqual({ ...DEFAULT_SAMPLING, topK: 5, minP: 0 });
});
