import type { Numbers } from '../api/api-types.js';
import { daysBetween } from './filters.js';
import { asCount, asDecimal, asSeconds, asShare, asShort, type Format } from './formats.js';
import type { DayNumbers, Spread } from './numbers.js';
import { type FIGURES, LINES, SAID } from './sentences.js';

export interface Line {
  readonly name: string;
  /** One for each day; null where nothing is known of it. */
  readonly values: readonly (number | null)[];
}

/** Lines over the days of the range. */
export interface DayFigure {
  readonly key: keyof typeof FIGURES;
  /** The table that holds it as CSV. */
  readonly table: 'days' | 'platforms';
  readonly days: readonly string[];
  readonly lines: readonly Line[];
  readonly format: Format;
  /** For the axis. */
  readonly brief: Format;
}

/** The figures of what happened day by day. */
export function dayFigures(body: Numbers, from: string, to: string): DayFigure[] {
  const days = daysBetween(from, to);
  const byDay = new Map(body.days.map((row) => [row.day, row]));
  const each = (read: (row: DayNumbers) => number | null, none: number | null = null) =>
    days.map((day) => {
      const row = byDay.get(day);
      return row ? read(row) : none;
    });
  const spread = (read: (row: DayNumbers) => Spread | null): Line[] => [
    { name: SAID.half, values: each((row) => read(row)?.p50 ?? null) },
    { name: SAID.most, values: each((row) => read(row)?.p95 ?? null) },
  ];
  const counts = { days, format: asCount, brief: asShort } as const;
  const times = { days, table: 'days', format: asSeconds, brief: asSeconds } as const;
  return [
    { ...counts, key: 'turns', table: 'platforms', lines: platformLines(body, days, 'turns') },
    { ...counts, key: 'users', table: 'platforms', lines: platformLines(body, days, 'users') },
    { ...times, key: 'firstText', lines: spread((row) => row.first_text_ms) },
    { ...times, key: 'firstToken', lines: spread((row) => row.first_token_ms) },
    {
      ...{ key: 'speed', table: 'days', days, format: asDecimal, brief: asShort },
      lines: [{ name: LINES.speed, values: each((row) => row.tokens_per_second) }],
    },
    {
      ...{ ...counts, key: 'tokens', table: 'days' },
      lines: [
        { name: LINES.prompt, values: each((row) => row.prompt_tokens, 0) },
        { name: LINES.cached, values: each((row) => row.cached_tokens, 0) },
        { name: LINES.reply, values: each((row) => row.reply_tokens, 0) },
      ],
    },
    {
      ...{ key: 'cache', table: 'days', days, format: asShare, brief: asShare },
      lines: [{ name: LINES.cache, values: each(cacheHits) }],
    },
    {
      ...{ ...counts, key: 'failed', table: 'days' },
      lines: [{ name: LINES.failed, values: each((row) => row.failed, 0) }],
    },
    { ...counts, key: 'length', table: 'days', lines: spread((row) => row.conversation_turns) },
  ];
}

function cacheHits({ prompt_tokens, cached_tokens }: DayNumbers): number | null {
  return prompt_tokens === 0 ? null : cached_tokens / prompt_tokens;
}

/** The busiest platform first. */
function platformLines({ platforms }: Numbers, days: readonly string[], what: 'turns' | 'users'): Line[] {
  const byPlatform = new Map<string, { values: Map<string, number>; all: number }>();
  for (const { day, platform, ...row } of platforms) {
    const line = byPlatform.get(platform) ?? { values: new Map(), all: 0 };
    line.values.set(day, row[what]);
    line.all += row.turns;
    byPlatform.set(platform, line);
  }
  return [...byPlatform]
    .sort(([, a], [, b]) => b.all - a.all)
    .map(([name, { values }]) => ({ name, values: days.map((day) => values.get(day) ?? 0) }));
}
