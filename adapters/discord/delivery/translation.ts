import { cutText } from '../../../src/domain/text/cut-text.js';
import { FENCE_LINE } from './fence-line.js';
import { renderTable, type TableStyle, takeTable } from './tables.js';

/** Longest `content` of a message, in UTF-16 code units. */
export const CONTENT_LIMIT = 2000;
/** What the pipeline may put in one part: the rest is for what translation adds. */
export const PART_LIMIT = 1900;
/** Longer footers are cut, and shorter still under a part that is full. */
const FOOTER_LIMIT = 150;
const SMALL_TYPE = '\n-# ';

/** Shown where there is no text to show: Discord refuses empty messages. */
const NOTHING = '…';

/**
 * Markdown as Discord shows it, with `footer` in small type under it.
 *
 * Discord knows headings to the third level, no tables, no images, no rules and no HTML. Code is never touched.
 * Translating the same text gives the same text, and a part that no longer grows no longer changes.
 *
 * @param markdown - at most `PART_LIMIT` long
 * @param longest - in UTF-16 code units, above `PART_LIMIT`
 * @returns 1 to `longest` UTF-16 code units
 */
export function toDiscordMarkdown(markdown: string, footer?: string, longest = CONTENT_LIMIT): string {
  const room = Math.min(FOOTER_LIMIT, longest - SMALL_TYPE.length - markdown.length);
  const small = footer === undefined ? '' : SMALL_TYPE + shorten(footer.replace(/\s+/g, ' ').trim(), room);
  const limit = longest - small.length;
  const styles: readonly TableStyle[] = ['aligned', 'compact', 'as-written'];
  const versions = styles.map((style) => () => translateBlocks(markdown, style));
  const text = versions.map((version) => version()).find((version) => version.length <= limit) ?? markdown;
  const shown = text.trim() === '' ? NOTHING : text;
  return `${cutText(shown, limit)}${small}`;
}

/** Cuts to `limit` UTF-16 code units without halving a character. */
export function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${cutText(text, limit - 1)}…`;
}

function translateBlocks(markdown: string, tables: TableStyle): string {
  const lines = markdown.split('\n');
  const out: string[] = [];
  let fence: string | null = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const mark = FENCE_LINE.exec(line);
    if (mark?.[1] !== undefined) {
      if (fence === null) fence = mark[1];
      else if (mark[1].startsWith(fence) && mark[2]?.trim() === '') fence = null;
      out.push(line);
      continue;
    }
    const table = fence === null ? takeTable(lines, i) : null;
    if (table) {
      out.push(...renderTable(table, tables));
      i += table.lines.length - 1;
      continue;
    }
    out.push(fence === null ? translateOutside(line) : line);
  }
  return out.join('\n');
}

/** A line outside code blocks; as it was where what is left of its tags would open one. */
function translateOutside(line: string): string {
  const shown = translateLine(line);
  return shown.split('\n').some((piece) => FENCE_LINE.test(piece)) ? line : shown;
}

/** One line outside code blocks. Never longer than it was. */
function translateLine(line: string): string {
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) return '───';
  const heading = /^ {0,3}#{4,6} (.*)$/s.exec(line);
  const text = outsideCode(line, translateInline);
  if (!heading)
    return text.replace(
      /^(\s*[-*+] )\[([ xX])\] /,
      (_all, bullet, box) => `${bullet}${box === ' ' ? '☐' : '☑'} `,
    );
  const words = (heading[1] ?? '').trim().replace(/ #+$/, '').trimEnd();
  const title = outsideCode(words, translateInline).replaceAll('**', '');
  return title === '' ? '' : `**${title}**`;
}

/** Applies `change` to what is not in backticks. */
function outsideCode(line: string, change: (text: string) => string): string {
  return line
    .split(/(`+[^`]*`+)/)
    .map((piece, index) => (index % 2 === 0 ? change(piece) : piece))
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
  '&amp;': '&',
};

function translateInline(text: string): string {
  return text
    .replace(/!\[([^\]\n]*)\]\((\S+?)(?: +"[^"]*")?\)/g, (_all, alt, url) =>
      alt === '' ? url : `[${alt}](${url})`,
    )
    .replace(/<(b|strong)>(.+?)<\/\1>/gi, '**$2**')
    .replace(/<(i|em)>(.+?)<\/\1>/gi, '*$2*')
    .replace(/<(s|del)>(.+?)<\/\1>/gi, '~~$2~~')
    .replace(/<u>(.+?)<\/u>/gi, '__$1__')
    .replace(/<code>([^`]+?)<\/code>/gi, '`$1`')
    .replace(/<(sub|sup|small|mark|kbd|span)>(.+?)<\/\1>/gi, '$2')
    .replace(/<a href="([^"\s]+)">(.+?)<\/a>/gi, '[$2]($1)')
    .replace(/^<\/?(p|div|details|summary|center)>/gi, '')
    .replace(/<\/(p|div|details|summary|center)>$/gi, '')
    .replace(/<br ?\/?>/gi, '\n')
    .replace(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
