import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../../../src/domain/time/retry-after.js';

const now = Date.UTC(2026, 0, 1);

test.each([
  ['5', 5000],
  ['0', 0],
  [' 1.5 ', 1500],
  ['0.0001', 1],
  ['120', 120_000],
  ['Thu, 01 Jan 2026 00:00:20 GMT', 20_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['5 s', undefined],
  ['2026', 2_026_000],
  ['', undefined],
  [undefined, undefined],
  [null, undefined],
])('%j asks for %j ms', (header, ms) => {
  expect(parseRetryAfter(header, now)).toBe(ms);
});

test('believes no more than its limit', () => {
  expect(parseRetryAfter('61', now, 60_000)).toBe(60_000);
  expect(parseRetryAfter('Thu, 01 Jan 2026 01:00:00 GMT', now, 60_000)).toBe(60_000);
  expect(parseRetryAfter('59', now, 60_000)).toBe(59_000);
});

test('never gives a number out of bounds', () => {
  const Header = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.date().map(String),
    fc.nat(400).map((digits) => '9'.repeat(digits)),
  );
  fc.assert(
    fc.property(Header, fc.option(fc.nat(), { nil: undefined }), (header, capMs) => {
      const ms = parseRetryAfter(header, now, capMs);
      if (ms === undefined) return;
      expect(Number.isSafeInteger(ms)).toBe(true);
      expect(ms >= 0 && ms <= (capMs ?? Number.MAX_SAFE_INTEGER)).toBe(true);
    }),
  );
});
