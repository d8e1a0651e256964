import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONTENT_LIMIT,
  PART_LIMIT,
  toDiscordMarkdown,
} from '../../../../../adapters/discord/delivery/translation.js';

describe('Markdown for Discord', () => {
  test.each([
    ['# One\n## Two\n### Three', '# One\n## Two\n### Three'],
    ['#### Four **bold** ##', '**Four bold**'],
    ['a **b** ~~c~~ [d](https://e.example) > f', 'a **b** ~~c~~ [d](https://e.example) > f'],
    ['![a cat](https://x.example/cat.png)', '[a cat](https://x.example/cat.png)'],
    ['![](https://x.example/cat.png "title")', 'https://x.example/cat.png'],
    ['above\n\n---\n\nbelow', 'above\n\n───\n\nbelow'],
    ['- [ ] open\n- [x] done', '- ☐ open\n- ☑ done'],
    ['<b>bold</b>, <em>italic</em><br>H<sub>2</sub>O &lt;3', '**bold**, *italic*\nH2O <3'],
    ['the type Vec<b> stays', 'the type Vec<b> stays'],
    ['a<br>```js', 'a<br>```js'],
    ['<p>```', '<p>```'],
    ['code `<b>x</b> &amp;` stays', 'code `<b>x</b> &amp;` stays'],
    ['```html\n<b>x</b>\n#### y\n| a |\n|---|\n```', '```html\n<b>x</b>\n#### y\n| a |\n|---|\n```'],
  ])('%j becomes %j', (markdown, shown) => {
    expect(toDiscordMarkdown(markdown)).toBe(shown);
  });

  test('a table becomes aligned text in a code block', () => {
    const table = 'Prices:\n| fruit | price |\n|:--|--:|\n| **apple** | 1 |\n| 西瓜 | `20` |\nThat is all.';
    expect(toDiscordMarkdown(table)).toBe(
      [
        'Prices:',
        '```',
        'fruit | price',
        '──────┼──────',
        'apple | 1',
        '西瓜  | 20',
        '```',
        'That is all.',
      ].join('\n'),
    );
  });

  test('a table that would outgrow the message is left less pretty, never cut', () => {
    const row = `| ${'x'.repeat(60)} | y |`;
    const table = [
      '| head | h |',
      '|---|---|',
      ...Array.from({ length: 27 }, (_, i) => (i === 0 ? row : '| a | b |')),
    ];
    const markdown = [...table, 'z'.repeat(PART_LIMIT - table.join('\n').length - 1)].join('\n');
    const shown = toDiscordMarkdown(markdown, 'a footer');
    expect(shown.length).toBeLessThanOrEqual(CONTENT_LIMIT);
    expect(shown).toContain('z'.repeat(100));
    expect(shown.endsWith('\n-# a footer')).toBe(true);
  });

  test('a footer is one line of small type, however it was written', () => {
    expect(toDiscordMarkdown('text', ' answered\nby  small ')).toBe('text\n-# answered by small');
  });

  test('keeps to the limit and is never empty, whatever the model writes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(
        '| a | b |\n|---|---|\n| c | d |\n',
        '```\n',
        '#### h\n',
        '<b>x</b>',
        '![](u)',
        '&lt;',
        '\n',
      ),
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('').slice(0, PART_LIMIT));
    fc.assert(
      fc.property(text, fc.option(fc.string({ maxLength: 300 }), { nil: undefined }), (markdown, footer) => {
        const shown = toDiscordMarkdown(markdown, footer);
        expect(shown.length).toBeLessThanOrEqual(CONTENT_LIMIT);
        expect(shown.trim()).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });

  test('a tag that would leave a fence behind stays, also one of tildes with backticks behind it', () => {
    for (const line of ['<br>```', '<br>~~~', '&nbsp;~~~```', '&nbsp;~~~ts `x`'])
      expect(toDiscordMarkdown(line)).toBe(line);
  });

  test('a table ends where a code block begins, also where there is a bar behind its marks', () => {
    const table = '| a |\n|---|\n| b |';
    const code = '~~~x|y\n#### no heading\n~~~';
    expect(toDiscordMarkdown(`${table}\n${code}`)).toBe(`${toDiscordMarkdown(table)}\n${code}`);
  });

  test('code between tildes is not touched, whatever stands behind the first of them', () => {
    const code = '~~~ts `x`\n#### no heading\n&nbsp;\n~~~';
    expect(toDiscordMarkdown(code)).toBe(code);
  });

  test('a heading made to be slow to read is not', () => {
    const hostile = `#### ${' '.repeat(PART_LIMIT - 10)}\u2028x`;
    const start = process.cpuUsage();
    toDiscordMarkdown(hostile);
    expect(process.cpuUsage(start).user / 1_000, 'ms').toBeLessThan(500);
  });

  test('prose of words alone is not touched', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zé西瓜,.!? ]{1,30}$/), { minLength: 1 }), (lines) => {
        const text = lines.join('\n').slice(0, PART_LIMIT);
        fc.pre(text.trim() !== '');
        expect(toDiscordMarkdown(text)).toBe(text);
      }),
    );
  });
});
