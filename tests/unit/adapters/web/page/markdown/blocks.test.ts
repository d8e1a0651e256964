import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, type Blocks, NO_BLOCKS } from '../../../../../../adapters/web/page/markdown/blocks.js';
import { renderBlock } from '../../../../../../adapters/web/page/markdown/render-block.js';

const html = ({ finished, tail }: Blocks) =>
  [...finished, tail]
    .filter((raw) => raw.trim() !== '')
    .map(renderBlock)
    .join('');

const written = fc
  .array(
    fc.constantFrom(
      '# Head',
      'words',
      '- item',
      '1. first',
      '```js\nlet a;\n```',
      '| a | b |\n| - | - |\n| 1 | 2 |',
      '> said',
      '$$\nx\n$$',
    ),
    { maxLength: 8 },
  )
  .map((blocks) => blocks.join('\n\n'));

test('a text that grows comes to the same blocks however it grew', () => {
  fc.assert(
    fc.property(written, fc.array(fc.nat(200), { maxLength: 10 }), (text, cuts) => {
      const steps = [...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const grown = steps.reduce((blocks, length) => advance(blocks, text.slice(0, length)), NO_BLOCKS);
      expect(grown.finished.join('') + grown.tail).toBe(text);
      expect(html(grown)).toBe(html(advance(NO_BLOCKS, text)));
    }),
  );
});

test('a list goes on with an item of which the number alone is there', () => {
  const before = advance(NO_BLOCKS, '1. one\n\n2');
  expect(html(advance(before, '1. one\n\n2. two'))).toBe(html(advance(NO_BLOCKS, '1. one\n\n2. two')));
});

test('keeps the blocks before the last as they are', () => {
  const before = advance(NO_BLOCKS, 'One.\n\nTwo.\n\nThr');
  expect(before.finished.join('')).toContain('Two.');
  expect(advance(before, 'One.\n\nTwo.\n\nThree.').finished.slice(0, 2)).toEqual(before.finished.slice(0, 2));
});

test('begins anew where another text comes', () => {
  const before = advance(NO_BLOCKS, 'One.\n\nTwo.\n\nThree.');
  expect(advance(before, 'Four.')).toEqual({ finished: [], tail: 'Four.', finishedLength: 0 });
});
