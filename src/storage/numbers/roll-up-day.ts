import { Prisma } from '../generated/client.js';
import { dayFacts } from './day-facts.js';
import { columnsOf, MONTHLY_TABLES, type NumbersTable, TOTALS_COLUMNS } from './numbers-tables.js';

/**
 * The statements that add up a day, in place of what was added up of it before, and its month, where that is over.
 *
 * The row of the day comes first, so that of two processes one waits. What changes once the notes of changes are
 * deleted writes another note.
 */
export function rollUpStatements(day: string): Prisma.Sql[] {
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
