import type { Numbers, NumbersQuery, NumbersStore } from '../../ports/numbers/numbers.js';
import { reaching } from '../database/database-failure.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { DAY } from './day-facts.js';
import { readNumbers } from './read-numbers.js';
import { rollUpStatements } from './roll-up-day.js';

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
