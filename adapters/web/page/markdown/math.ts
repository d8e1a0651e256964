import type { TokenizerAndRendererExtension } from 'marked';
import { escapeHtml } from './escape-html.js';

const INLINE = [/^\\\((.+?)\\\)/s, /^\$\$([^$]+?)\$\$/, /^\$(?!\s)((?:[^$\\\n]|\\.)+?)(?<!\s)\$(?!\d)/];
const BLOCK = [/^\$\$\s*\n?([^$]+?)\n?\s*\$\$(?:\n|$)/, /^\\\[(.+?)\\\](?:\n|$)/s];

/** Formulas in dollars or in LaTeX's brackets. A price is none: no formula ends before a digit or after a space. */
export const MATH: readonly TokenizerAndRendererExtension[] = [
  {
    name: 'block-math',
    level: 'block',
    start: (text) => text.match(/\$\$|\\\[/)?.index,
    tokenizer: (text) => tokenOf('block-math', BLOCK, text),
    renderer: ({ formula }) =>
      `<p><span class="math" data-display="">${escapeHtml(String(formula))}</span></p>`,
  },
  {
    name: 'inline-math',
    level: 'inline',
    start: (text) => text.match(/\$|\\\(/)?.index,
    tokenizer: (text) => tokenOf('inline-math', INLINE, text),
    renderer: ({ formula }) => `<span class="math">${escapeHtml(String(formula))}</span>`,
  },
];

function tokenOf(type: string, patterns: readonly RegExp[], text: string) {
  for (const pattern of patterns) {
    const [raw, formula] = pattern.exec(text) ?? [];
    if (raw !== undefined && formula !== undefined) return { type, raw, formula };
  }
  return undefined;
}
