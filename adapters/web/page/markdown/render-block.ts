import { Marked } from 'marked';
import { escapeHtml } from './escape-html.js';
import { MATH } from './math.js';

/** Headings of a reply stand below the page's own, which go down to the second level. Most replies begin with `##`. */
const FIRST_LEVEL = 3;

/** Markdown of a model: its HTML is text, its images are links, and no link leaves for anything but the web or mail. */
export const markdown = new Marked({
  gfm: true,
  breaks: true,
  extensions: [...MATH],
  renderer: {
    html: ({ text }) => escapeHtml(text),
    heading({ tokens, depth }) {
      const level = Math.min(6, Math.max(FIRST_LEVEL, depth + 1));
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    link({ href, tokens }) {
      return link(href, this.parser.parseInline(tokens));
    },
    image: ({ href, text }) => link(href, escapeHtml(text || href)),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    code({ text, lang }) {
      const language = /^[\w+#.-]{1,30}/.exec(lang ?? '')?.[0] ?? '';
      return `<pre data-language="${escapeHtml(language)}"><code>${escapeHtml(text)}</code></pre>`;
    },
    table(token) {
      const cells = (row: typeof token.header, tag: 'th' | 'td') =>
        row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('');
      const rows = token.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('');
      return `<div class="table"><table><thead><tr>${cells(token.header, 'th')}</tr></thead><tbody>${rows}</tbody></table></div>`;
    },
  },
});

/** HTML of one block. Sanitize it before it is shown: this is not what keeps scripts out. */
export function renderBlock(raw: string): string {
  return markdown.parse(raw, { async: false });
}

function link(href: string, inner: string): string {
  const allowed = /^(?:https?:\/\/|mailto:)/i.test(href);
  return allowed
    ? `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer">${inner}</a>`
    : inner;
}
