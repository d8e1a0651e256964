import type { z } from '@hono/zod-openapi';
import type { NumbersBody, NumberTable } from './numbers-schemas.js';

const TOKENS = ['prompt_tokens', 'cached_tokens', 'reply_tokens', 'replaced_tokens'];
const SPREADS = ['first_token_ms', 'first_text_ms', 'conversation_turns'].flatMap((name) => [
  `${name}.p50`,
  `${name}.p95`,
]);

/** A dot goes into an object. */
const COLUMNS: Readonly<Record<NumberTable, readonly string[]>> = {
  days: ['day', 'turns', 'failed', 'users', 'conversations', ...TOKENS, 'tokens_per_second', ...SPREADS],
  platforms: ['day', 'platform', 'turns', 'users'],
  models: ['model', 'turns', ...TOKENS, 'tokens_per_second', 'estimated_cost', 'currency'],
  outcomes: ['outcome', 'kind', 'turns'],
  people: ['key', 'name', 'turns', 'tokens'],
  feedback: ['model', 'persona', 'up', 'down'],
};

/** One table of the numbers as RFC 4180 has it, with a line of headings. What is not known is empty. */
export function numbersCsv(numbers: z.input<typeof NumbersBody>, table: NumberTable): string {
  const columns = COLUMNS[table];
  const rows = (numbers[table] ?? []).map((row) => {
    const known = { ...row, currency: numbers.currency };
    return columns.map((column) => cell(valueAt(known, column)));
  });
  const headings = columns.map((column) => column.replace('.', '_'));
  return [headings, ...rows].map((line) => `${line.join(',')}\r\n`).join('');
}

function valueAt(row: object, column: string): unknown {
  return column.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), row);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Text that a spreadsheet would take for a formula begins with an apostrophe. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = String(value).replace(/^(?=[=+\-@\t\r])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
