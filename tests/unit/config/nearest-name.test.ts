import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName, typingSlips } from '../../../src/config/nearest-name.js';

const word = fc.string({ maxLength: 12 });

test('slips are counted the same in both directions, and are none only between equal words', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(typingSlips(a, b)).toBe(typingSlips(b, a));
      expect(typingSlips(a, b) === 0).toBe(a === b);
      expect(typingSlips(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(typingSlips(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
    }),
  );
});

test.each([
  ['', 'abc', 3],
  ['modles', 'models', 1],
  ['temprature', 'temperature', 1],
  ['kitten', 'sitting', 3],
])('from %j to %j', (from, to, slips) => {
  expect(typingSlips(from, to)).toBe(slips);
});

test('finds the name that was meant, or none', () => {
  expect(nearestName('TEMPRATURE', ['topK', 'temperature'])).toBe('temperature');
  expect(nearestName('modles', ['model', 'models'])).toBe('models');
  expect(nearestName('colour', ['temperature', 'topK'])).toBeNull();
});
