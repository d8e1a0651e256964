import { expect, test } from 'vitest';
import { renderBlock } from '../../../../../../adapters/web/page/markdown/render-block.js';

test.each([
  ['<b onclick="x()">hi</b>', '&lt;b onclick=&quot;x()&quot;&gt;'],
  [
    '![a cat](https://example.org/cat.png)',
    '<a href="https://example.org/cat.png" target="_blank" rel="noopener noreferrer">a cat</a>',
  ],
  ['costs $5 or $10', 'costs $5 or $10'],
  ['$a < b$', '<span class="math">a &lt; b</span>'],
  ['\\[a\\]', '<span class="math" data-display="">a</span>'],
  ['```c++\na < b\n```', '<pre data-language="c++"><code>a &lt; b</code></pre>'],
  ['- [x] done', '☑ '],
  ['# Title', '<h3>Title</h3>'],
])('renders %s', (raw, expected) => {
  expect(renderBlock(raw)).toContain(expected);
});

test.each(['[x](javascript:alert(1))', '[x](data:text/html,y)', '![x](vbscript:y)', '[x](/admin)'])(
  'makes no link of %s',
  (raw) => {
    expect(renderBlock(raw)).not.toContain('<a');
  },
);
