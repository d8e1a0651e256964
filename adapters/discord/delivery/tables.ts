import { FENCE_LINE } from './fence-line.js';

export interface Table {
  /** The lines it took, as written. */
  readonly lines: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** `aligned` pads columns, `compact` does not, `as-written` leaves the table alone. */
export type TableStyle = 'aligned' | 'compact' | 'as-written';

const DELIMITER = /^ {0,3}\|?( *:?-+:? *\|)+( *:?-+:? *)?$|^ {0,3}\| *:?-+:? *$/;
/** Wider ones wrap on a phone: they are not padded. */
const WIDEST = 80;
const CHARACTERS = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The table that begins at `lines[start]`, or null. */
export function takeTable(lines: readonly string[], start: number): Table | null {
  const header = lines[start] ?? '';
  if (!header.includes('|') || !DELIMITER.test(lines[start + 1] ?? '')) return null;
  let end = start + 2;
  while (isRow(lines[end])) end++;
  const taken = lines.slice(start, end);
  const rows = [header, ...taken.slice(2)].map(cellsOf);
  return { lines: taken, rows };
}

/** The lines of a code block that shows the table. */
export function renderTable(table: Table, style: TableStyle): readonly string[] {
  if (style === 'as-written') return table.lines;
  const columns = Math.max(...table.rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...table.rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const total = widths.reduce((sum, width) => sum + width + 3, -3);
  const pad = style === 'aligned' && total <= WIDEST;
  const lines = table.rows.map((row) =>
    widths
      .map((width, column) => padTo(row[column] ?? '', pad ? width : 0))
      .join(' | ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(pad ? width : 3)).join('─┼─');
  const [head = '', ...body] = lines;
  return ['```', head, rule, ...body, '```'];
}

/** A line that opens a code block ends the table, whatever stands behind its marks. */
function isRow(line: string | undefined): boolean {
  return line?.includes('|') === true && !FENCE_LINE.test(line);
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => plain(cell.trim().replaceAll('\\|', '|')));
}

/** Markup means nothing in a code block, and three backticks would end it. */
function plain(cell: string): string {
  return cell
    .replace(/!?\[([^\]]*)\]\(([^)\s]*)\)/g, (_all, text, url) => (text === '' ? url : text))
    .replace(/(\*\*|__|~~)(.+?)\1/g, '$2')
    .replace(/`+([^`]*)`+/g, '$1')
    .replace(/<br ?\/?>/gi, ' ')
    .replaceAll('```', "'''");
}

function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Columns a text takes in a fixed-width font: two for East Asian characters and emoji. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of CHARACTERS.segment(text)) {
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Extended_Pictographic}/u.test(
        segment,
      )
        ? 2
        : 1;
  }
  return width;
}
