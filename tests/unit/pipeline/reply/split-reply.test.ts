import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitReply } from '../../../../src/pipeline/reply/split-reply.js';

/** Markdown as models write it: words, blocks, endless runs, emoji, fences that never close. */
const words = fc.constantFrom(
  'alpha',
  'β',
  '👩‍💻',
  '👍🏽',
  '🇩🇪🇫🇷'.repeat(9),
  '👨‍👩‍👧‍👦'.repeat(5),
  'e\u0301'.repeat(30),
  '\u1100\u1161\u11a8'.repeat(20),
  '\u0308',
  'end.',
  '**bold**',
  '<@1400000000000000001>',
  'x'.repeat(70),
  '。',
);
const paragraph = fc.array(words, { maxLength: 60 }).map((list) => `${list.join(' ')}\n\n`);
const block = fc
  .record({
    mark: fc.constantFrom('```', '````', '~~~'),
    info: fc.constantFrom('', 'ts', 'python'),
    lines: fc.array(words, { maxLength: 60 }),
    closed: fc.boolean(),
  })
  .map(
    ({ mark, info, lines, closed }) => `\n${mark}${info}\n${lines.join('\n')}\n${closed ? `${mark}\n` : ''}`,
  );
const run = fc.integer({ min: 1, max: 900 }).map((length) => 'z'.repeat(length));
const markdown = fc
  .array(fc.oneof(paragraph, block, run, fc.string({ unit: 'grapheme' })), { maxLength: 12 })
  .map((list) => list.join(''));
const limit = fc.integer({ min: 80, max: 500 });

const FENCE = /^ {0,3}(`{3,16}(?!`)|~{3,16}(?!~))([^\n]*)$/;

function withoutFences(text: string): string {
  return text
    .split('\n')
    .filter((line) => !FENCE.test(line))
    .join('')
    .replace(/\s+/g, '');
}

function openFence(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const [, mark, info] = FENCE.exec(line) ?? [];
    if (mark === undefined) continue;
    if (open === null) {
      if (!(mark.startsWith('`') && info?.includes('`'))) open = mark;
    } else if (mark[0] === open[0] && mark.length >= open.length && info?.trim() === '') open = null;
  }
  return open !== null;
}

describe('splitReply', () => {
  test('loses no text, exceeds no limit, leaves no fence open and halves no character', () => {
    fc.assert(
      fc.property(markdown, limit, (text, size) => {
        const parts = splitReply(text, size);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(size);
          expect(part.trim()).not.toBe('');
          expect(openFence(part)).toBe(false);
          expect(part.isWellFormed()).toBe(text.isWellFormed());
        }
        expect(withoutFences(parts.join('\n'))).toBe(withoutFences(text));
      }),
      { numRuns: 300 },
    );
  });

  test('never changes a part once the next one exists', () => {
    fc.assert(
      fc.property(markdown, limit, fc.array(fc.nat(4000), { maxLength: 12 }), (text, size, lengths) => {
        const whole = splitReply(text, size);
        for (const length of lengths) {
          const early = splitReply(text.slice(0, length), size);
          expect(early.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, early.length - 1)));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('cuts no character in two, be it an emoji family, a flag, a letter with marks or a Hangul syllable', () => {
    const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.oneof(words, run), { maxLength: 60 }), limit, (list, size) => {
        // One line without fences: what a cut takes away is nothing, so that pieces join to the text.
        const text = list.join(' ');
        fc.pre(text.trim() !== '');
        const parts = splitReply(text, size);
        expect(parts.join('')).toBe(text);
        const whole = new Set(Array.from(segmenter.segment(text), ({ index }) => index));
        let at = 0;
        for (const part of parts) {
          expect(whole).toContain(at);
          at += part.length;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('closes a code block at the cut and opens it again with its language', () => {
    const code = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');
    const [first, second] = splitReply(`\`\`\`ts\n${code}\n\`\`\``, 120);
    expect(first?.startsWith('```ts\n')).toBe(true);
    expect(first?.endsWith('\n```')).toBe(true);
    expect(second?.startsWith('```ts\n')).toBe(true);
  });

  test.each(['```\n', '\n', '~~~ts\n', 'word ', 'z', '🇩🇪', '\u0301'])(
    'takes a reply of a million characters of %j',
    (piece) => {
      const start = process.cpuUsage();
      splitReply(piece.repeat(1_000_000 / piece.length), 1_780);
      expect(process.cpuUsage(start).user / 1_000, 'ms').toBeLessThan(2_000);
    },
  );

  test('gives one part for text that fits and none for blank text', () => {
    expect(splitReply('hello', 2000)).toEqual(['hello']);
    expect(splitReply(' \n ', 2000)).toEqual([]);
  });

  test('refuses a limit too small to hold a reopened fence', () => {
    expect(() => splitReply('x', 79)).toThrow(RangeError);
  });
});
