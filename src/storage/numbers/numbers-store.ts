import type { Numbers, NumbersQuery, NumbersStore } from '../../ports/numbers/numbers.js';
import { reaching } from '../database/database-failure.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { DAY, dayFacts } from './day-facts.js';
import { columnsOf, MONTHLY_TABLES, type NumbersTable, TOTALS_COLUMNS } from './numbers-tables.js';
import { readNumbers } from './read-numbers.js';

/** Days named in one answer: a roll-up of each takes some ten milliseconds. */
const MOST_DUE = 32;
/** A day is added up so long after its end: by then every turn asked on it is committed. */
const SETTLED = Prisma.sql`interval '10 minutes'`;
/** The last day that is over. */
const LAST = Prisma.sql`((clock_timestamp() - ${SETTLED}) AT TIME ZONE 'UTC')::date - 1`;

/**
 * Numbers by day, added up once a day is over. A turn counts on the day it was asked, so whatever ends, is answered
 * again or is voted on later makes its day due again: triggers write that down with the change itself.
 */
export class PrismaNumbersStore implements NumbersStore {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  read(query: NumbersQuery): Promise<Numbers> {
    return reaching(readNumbers(this.#prisma, query));
  }

  async due(): Promise<readonly string[]> {
    const rows = await reaching(
      this.#prisma.$queryRaw<{ day: string }[]>`
        WITH next AS (
          SELECT coalesce((SELECT max(day) + 1 FROM numbers_day),
                          (SELECT min(${DAY}) FROM turn)) AS day
        ), due AS (
          SELECT DISTINCT numbers_due.day FROM numbers_due JOIN numbers_day ON numbers_day.day = numbers_due.day
          UNION
          SELECT generate_series(next.day, least(${LAST}, next.day + ${MOST_DUE}::int), interval '1 day')::date FROM next
        )
        SELECT day::text FROM due ORDER BY day LIMIT ${MOST_DUE}`,
    );
    return rows.map(({ day }) => day);
  }

  async rollUp(day: string): Promise<void> {
    const statements = rollUpStatements(day).map((statement) => this.#prisma.$executeRaw(statement));
    await reaching(this.#prisma.$transaction(statements));
  }
}

/**
 * The statements that add up a day, in place of what was added up of it before, and its month, where that is over.
 *
 * The row of the day comes first, so that of two processes one waits. What changes once the notes of changes are
 * deleted writes another note.
 */
function rollUpStatements(day: string): Prisma.Sql[] {
  const month = Prisma.sql`date_trunc('month', ${day}::date)::date`;
  const inserted = MONTHLY_TABLES.map(
    (table) => Prisma.sql`, ${table.name}_added AS (
      INSERT INTO ${table.name} (span, ${columnsOf(table)}) SELECT 'day', ${columnsOf(table)} FROM ${table.facts}
    )`,
  );
  return [
    Prisma.sql`INSERT INTO numbers_day (day) VALUES (${day}::date)
      ON CONFLICT (day) DO UPDATE SET rolled_up_at = clock_timestamp()`,
    Prisma.sql`DELETE FROM numbers_due WHERE day = ${day}::date`,
    Prisma.sql`DELETE FROM numbers_totals WHERE day = ${day}::date`,
    ...MONTHLY_TABLES.map(
      ({ name }) => Prisma.sql`DELETE FROM ${name}
        WHERE (span = 'day' AND day = ${day}::date) OR (span = 'month' AND day = ${month})`,
    ),
    Prisma.sql`WITH ${dayFacts(day, day)} ${Prisma.join(inserted, ' ')}
      INSERT INTO numbers_totals (${TOTALS_COLUMNS}) SELECT ${TOTALS_COLUMNS} FROM totals_facts`,
    ...MONTHLY_TABLES.map((table) => addUpMonth(table, month)),
  ];
}

function addUpMonth({ name, keys, sums }: NumbersTable, month: Prisma.Sql): Prisma.Sql {
  const added = sums.map((column) => Prisma.sql`sum(${column})`);
  return Prisma.sql`
    INSERT INTO ${name} (span, day, ${keys}, ${Prisma.join([...sums])})
    SELECT 'month', ${month}, ${keys}, ${Prisma.join(added)} FROM ${name}
    WHERE span = 'day' AND day BETWEEN ${month} AND ${month} + interval '1 month - 1 day'
      AND EXISTS (SELECT 1 FROM numbers_day WHERE day = (${month} + interval '1 month - 1 day')::date)
    GROUP BY ${keys}`;
}
