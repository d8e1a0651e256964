import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressOf,
  apiQuery,
  daysBetween,
  type Filters,
  RANGES,
  readFilters,
} from '../../../../../../adapters/web/page/numbers/filters.js';

const NOW = Date.parse('2026-11-21T23:59:59Z');
const read = (address: string) => readFilters(new URL(address, 'http://parley').searchParams, NOW);

test('an address keeps what was chosen', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  const rest = { platform: text, model: text, names: fc.boolean() };
  const day = fc.constantFrom('2026-01-31', '2025-12-01', '2026-11-21');
  const filters = fc.oneof(
    fc.record({ ...rest, days: fc.constant(null), from: day, to: day }),
    fc.record({ ...rest, days: fc.constantFrom(...RANGES) }),
  );
  fc.assert(
    fc.property(filters, (chosen) => {
      const ends = { from: '', to: '', ...chosen } satisfies Filters;
      expect(read(addressOf(ends))).toMatchObject(chosen);
    }),
  );
});

test.each([
  ['/numbers', '2026-10-23', '2026-11-21'],
  ['/numbers?days=7', '2026-11-15', '2026-11-21'],
  ['/numbers?days=365', '2025-11-22', '2026-11-21'],
  ['/numbers?days=8', '2026-10-23', '2026-11-21'],
  ['/numbers?days=7&to=2026-03-01', '2026-03-01', '2026-03-01'],
  ['/numbers?from=2026-02-27&to=2026-03-01', '2026-02-27', '2026-03-01'],
  ['/numbers?from=yesterday', 'yesterday', '2026-11-21'],
])('%s is from %s to %s', (address, from, to) => {
  expect(read(address)).toMatchObject({ from, to });
});

test('the API gets no filter that was not chosen', () => {
  const days = { from: '2026-11-15', to: '2026-11-21' };
  expect(apiQuery(read('/numbers?days=7'))).toEqual(days);
  expect(apiQuery(read('/numbers?days=7&model=a%26b&names=yes'))).toEqual({
    ...{ ...days, model: 'a&b', names: 'yes' },
  });
});

test('every day is there once, over a leap day and the end of summer time', () => {
  expect(daysBetween('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  expect(daysBetween('2026-10-24', '2026-10-26')).toHaveLength(3);
  expect(daysBetween('2026-01-02', '2026-01-01')).toEqual([]);
  expect(daysBetween('2020-01-01', '2026-01-01', 401)).toHaveLength(401);
  expect(daysBetween('nonsense', '2026-01-01')).toEqual([]);
});
