import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText, wholeLength } from '../../../../src/domain/text/cut-text.js';

/** What people see as one character, each of several code points. */
const CLUSTERS = [
  '👩‍👩‍👧‍👦',
  '👍🏽',
  '🇩🇪',
  '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  'e\u0301',
  'q\u0307\u0323',
  '\u1100\u1161\u11a8',
  'ก\u0e33',
  'न\u093f',
  '1\ufe0f\u20e3',
  '\r\n',
] as const;
const text = fc
  .array(fc.oneof(fc.constantFrom(...CLUSTERS), fc.string({ unit: 'grapheme', maxLength: 3 })), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''));
const limit = fc.nat(60);

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** Every place between two characters, by reading the whole text. */
const boundaries = (of: string) => [...segmenter.segment(of)].map(({ index }) => index);

describe('a text that is cut', () => {
  test.each(CLUSTERS)('keeps %j whole', (cluster) => {
    const before = 'x'.repeat(10);
    for (let cut = 11; cut < 10 + cluster.length; cut++) {
      expect(cutText(before + cluster, cut), `at ${cut}`).toBe(before);
    }
    expect(cutText(`${before}${cluster}y`, 10 + cluster.length)).toBe(before + cluster);
  });

  test('is as long as may be without halving a character', () => {
    fc.assert(
      fc.property(text, limit, (whole, size) => {
        const longest = [...boundaries(whole), whole.length].filter((place) => place <= size).at(-1) ?? 0;
        const cut = wholeLength(whole, size);
        expect(cut).toBeLessThanOrEqual(size);
        // Where the first character alone is too long, it is halved.
        if (longest > 0) expect(cut).toBe(longest);
        expect(whole.slice(0, cut).isWellFormed()).toBe(true);
        expect(cutText(whole, size) + whole.slice(cut)).toBe(whole);
      }),
    );
  });

  test('is cut at the same place whatever more is written after', () => {
    fc.assert(
      fc.property(text, text, limit, (whole, more, size) => {
        fc.pre(size < whole.length - 1);
        expect(wholeLength(whole + more, size)).toBe(wholeLength(whole, size));
      }),
    );
  });

  test.each(['z', '🇩🇪', 'e\u0301', '\u0301'])('takes no longer for a long text of %j', (piece) => {
    const long = piece.repeat(500_000);
    const start = process.cpuUsage();
    for (let times = 0; times < 200; times++) wholeLength(long, 1_780);
    expect(process.cpuUsage(start).user / 1_000, 'ms').toBeLessThan(2_000);
  });
});
