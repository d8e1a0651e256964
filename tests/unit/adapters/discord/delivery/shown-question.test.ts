import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partContent } from '../../../../../adapters/discord/delivery/posted-message.js';
import {
  QUESTION_LINE_LIMIT,
  questionLine,
  shownQuestion,
} from '../../../../../adapters/discord/delivery/shown-question.js';
import { CONTENT_LIMIT, PART_LIMIT } from '../../../../../adapters/discord/delivery/translation.js';
import { draftParts } from '../../../../../src/pipeline/reply/reply-view.js';

describe('the question above a reply', () => {
  test('is one line, of a stated length, with no markup and no mention left in it', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('a', '😀', ' ', '\n', '*', '`', '<', '@', '>', '\\', '#', '|'),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), hostile), (question) => {
        const line = questionLine(shownQuestion(question));
        expect(line.length).toBeLessThanOrEqual(QUESTION_LINE_LIMIT);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.isWellFormed()).toBe(true);
        expect(line.slice(2).replace(/\\[^A-Za-z0-9\s]/g, '')).not.toMatch(/[*_`<>@|[\]()#~\\]/);
      }),
    );
  });

  test('keeps a short question word for word, and cuts a long one', () => {
    expect(shownQuestion(' why is\nthe sky <@1> **blue**? ')).toBe(
      'why is the sky \\<\\@1\\> \\*\\*blue\\*\\*?',
    );
    expect(shownQuestion('word '.repeat(40))).toMatch(/^(word )+word…$|^(word )+wo?r?d?…$/);
  });

  test('stands above the first part alone, and the longest reply still fits', () => {
    const target = { language: 'en', question: shownQuestion('x'.repeat(200)) } as const;
    const view = {
      type: 'final',
      controls: 'none',
      footer: 'f'.repeat(200),
      text: 'y'.repeat(5_000),
    } as const;
    const parts = draftParts({ turnId: 1, revision: 0 }, view, PART_LIMIT).map((part) =>
      partContent(part, target),
    );
    expect(parts.map(({ content }) => content.startsWith('> x'))).toEqual([true, false, false]);
    for (const { content } of parts) expect(content.length).toBeLessThanOrEqual(CONTENT_LIMIT);
    expect(parts.map(({ content }) => content.match(/y/g)?.length ?? 0).reduce((a, b) => a + b)).toBe(5_000);
  });
});
