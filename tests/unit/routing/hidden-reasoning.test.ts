import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AnswerBeginning,
  createReasoningFilter,
  mayReasonUnopened,
} from '../../../src/routing/hidden-reasoning.js';

function filter(pieces: readonly string[], begins: AnswerBeginning = 'answer', complete = true) {
  const reasoning = createReasoningFilter(begins);
  const shown = pieces.map((piece) => reasoning.push(piece)).join('') + reasoning.flush(complete);
  return { shown, found: reasoning.found() };
}

describe('hidden reasoning', () => {
  test.each([
    ['no reasoning', 'Hello, world.', 'Hello, world.'],
    ['leading space stays', '\n Hello', '\n Hello'],
    ['a block at the start', '<think>Let me see.</think>\n\nHello', 'Hello'],
    ['the longer tag', '<thinking>Let me see.</thinking>Hello', 'Hello'],
    ['tags in capitals', '<THINK>hm</Think>Hello', 'Hello'],
    ['space before the block', '\n\n<think>hm</think>Hello', 'Hello'],
    ['an empty block', '<think>\n\n</think>\n\nHello', 'Hello'],
    ['blocks one after the other', '<think>a</think> <thinking>b</thinking>\n<think>c</think>Hello', 'Hello'],
    ['an opening tag inside reasoning', '<think>a <think> b</think>Hello', 'Hello'],
    ['the other closing tag inside reasoning', '<think>a </thinking> b</think>Hello', 'Hello'],
    ['a block that is never closed', '<think>I wonder whether', ''],
    ['a closing tag cut off', '<think>I wonder</thin', ''],
    ['a mention later on', 'Use `<think>x</think>` for that.', 'Use `<think>x</think>` for that.'],
    ['a mention in a fence', '```xml\n<think>x</think>\n```', '```xml\n<think>x</think>\n```'],
    ['a mention after reasoning', '<think>a</think>Say `<think>b</think>`.', 'Say `<think>b</think>`.'],
    ['another tag', '<thinker>Hello</thinker>', '<thinker>Hello</thinker>'],
    ['a text that ends like a tag begins', '<thi', '<thi'],
  ])('%s', (_name, text, shown) => {
    expect(filter([text]).shown).toBe(shown);
    expect(filter([...text]).shown).toBe(shown);
  });

  test('an answer that may begin inside reasoning is held until the closing tag', () => {
    const reasoning = createReasoningFilter('unknown');

    expect(reasoning.push('I wonder, ')).toBe('');
    expect(reasoning.push('well.\n</thi')).toBe('');
    expect(reasoning.push('nk>\n\nHello')).toBe('Hello');
    expect(reasoning.push(' you')).toBe(' you');
    expect(reasoning.found()).toBe('unopened');
  });

  test('an answer that might have begun inside reasoning is shown when it ends without a tag', () => {
    expect(filter(['Hello', ' you'], 'unknown')).toEqual({ shown: 'Hello you', found: 'none' });
  });

  test('but not when it was cut: it may have been reasoning', () => {
    expect(filter(['I wonder', ' whether'], 'unknown', false).shown).toBe('');
  });

  test('tells a closing tag that no opening one came before, but not one that is spoken of', () => {
    expect(filter(['hm, well', '\n</think>\nHello']).found).toBe('unopened');
    expect(filter(['`<think>` ends with `</think>`']).found).toBe('none');
    expect(filter(['<think>a</think>b</think>']).found).toBe('tagged');
  });

  const Text = fc
    .array(
      fc.constantFrom(
        '<think>',
        '</think>',
        '<thinking>',
        '</thinking>',
        '<thi',
        ' ',
        '\n',
        'a',
        '`',
        '好',
        '<',
        '>',
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join(''));

  test('gives the same however the text is cut', () => {
    fc.assert(
      fc.property(
        Text,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.constantFrom<AnswerBeginning>('answer', 'unknown'),
        fc.boolean(),
        (text, sizes, begins, complete) => {
          expect(filter(cut(text, sizes), begins, complete)).toEqual(filter([text], begins, complete));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('shows an end of the text and nothing else, and all of it where no tag begins it', () => {
    fc.assert(
      fc.property(Text, (text) => {
        const { shown } = filter([text]);
        expect(text.endsWith(shown)).toBe(true);
        if (!/^\s*<think(ing)?>/.test(text)) expect(shown).toBe(text);
      }),
    );
  });
});

test.each([
  ['deepseek-ai/DeepSeek-R1', true],
  ['Qwen/Qwen3-4B-Thinking-2507', true],
  ['Qwen/QwQ-32B', true],
  ['meta-llama/Llama-3.3-70B-Instruct', false],
  ['some/BR1GHT', false],
])('from the name alone, %s may begin inside reasoning: %s', (model, expected) => {
  expect(mayReasonUnopened(model)).toBe(expected);
});

function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}
