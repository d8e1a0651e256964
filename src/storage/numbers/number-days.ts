import { DAY_MS } from '../../domain/time/duration.js';
import type { NumbersQuery } from '../../ports/numbers/numbers.js';
import { Prisma } from '../generated/client.js';
import { dayFacts } from './day-facts.js';
import { columnsOf, type NumbersTable, TOTALS_COLUMNS } from './numbers-tables.js';

/** Where the days of a range are to be found. All as in 2026-11-21; what begins after its end is empty. */
export interface NumberDays {
  readonly from: string;
  readonly to: string;
  /** First days of the first and the last month that are in the range as a whole, and added up. */
  readonly firstMonth: string;
  readonly lastMonth: string;
  /** The first day that is counted from its turns. */
  readonly open: string;
}

/**
 * @param rolledUpTo - the last day that is added up
 * @param open - the first day to be counted from its turns
 */
export function numberDays(
  { from, to }: Pick<NumbersQuery, 'from' | 'to'>,
  rolledUpTo: string | null,
  open: string,
): NumberDays {
  // Dates as text order as dates do.
  const last = rolledUpTo === null ? '' : rolledUpTo < to ? rolledUpTo : to;
  const firstMonth = monthOf(dayAfter(from, -1), 1);
  // The month before the one that the day after the last belongs to.
  const lastMonth = last === '' ? '' : monthOf(dayAfter(last, 1), -1);
  return { from, to, firstMonth, lastMonth, open };
}

/** What is counted from its turns, to stand after WITH; null where all is added up. */
function live({ open, to }: NumberDays): Prisma.Sql | null {
  return open <= to ? dayFacts(open, to) : null;
}

/** `WITH all_days`: rows of a table whose sums make up the range: of months where there are, of days else. */
export function allDays(table: NumbersTable, days: NumberDays): Prisma.Sql {
  const { from, to, firstMonth, lastMonth } = days;
  const columns = columnsOf(table);
  const rows = (span: string, first: string, last: string) => Prisma.sql`
    SELECT ${columns} FROM ${table.name} WHERE span = ${span} AND day BETWEEN ${first}::date AND ${last}::date`;
  const stored =
    firstMonth > lastMonth
      ? rows('day', from, to)
      : Prisma.sql`${rows('day', from, dayAfter(firstMonth, -1))} UNION ALL
          ${rows('month', firstMonth, lastMonth)} UNION ALL ${rows('day', monthOf(lastMonth, 1), to)}`;
  return withLive(days, stored, Prisma.sql`SELECT ${columns} FROM ${table.facts}`);
}

/** `WITH all_days`: what each day was in all. */
export function allTotals(days: NumberDays, where: Prisma.Sql): Prisma.Sql {
  const columns = TOTALS_COLUMNS;
  return withLive(
    days,
    Prisma.sql`SELECT ${columns} FROM numbers_totals
      WHERE day BETWEEN ${days.from}::date AND ${days.to}::date AND ${where}`,
    Prisma.sql`SELECT ${columns} FROM totals_facts WHERE ${where}`,
  );
}

function withLive(days: NumberDays, stored: Prisma.Sql, facts: Prisma.Sql): Prisma.Sql {
  const counted = live(days);
  if (counted === null) return Prisma.sql`WITH all_days AS (${stored})`;
  return Prisma.sql`WITH ${counted}, all_days AS (${stored} UNION ALL ${facts})`;
}

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first day of the month so many after that of `day`. */
function monthOf(day: string, months: number): string {
  const date = new Date(day);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}
