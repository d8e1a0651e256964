import type { TurnId } from '../domain/turn.js';
import { Prisma } from './generated/client.js';

const DAY_MS = 86_400_000;

/** By the database's clock, as the times it is compared with: this process's may be a minute off. */
function ago(ms: number): Prisma.Sql {
  return Prisma.sql`(now() - ${ms}::float8 * interval '1 millisecond')`;
}

/**
 * Turns that an author began, and had answered again, within the last `ms`. Second answers count by their own time, but only
 * those to turns begun within a day before are looked for, and `alsoTurn`. Each part has an index of its own: what an
 * author did in a whole day may be ten thousand rows.
 */
export function turnsUsed(authorKey: string, ms: number, alsoTurn?: TurnId): Prisma.Sql {
  const [since, lookBack] = [ago(ms), ago(ms + DAY_MS)];
  const also = alsoTurn === undefined ? Prisma.empty : Prisma.sql`OR id = ${alsoTurn}`;
  return Prisma.sql`(
    (SELECT count(*) FROM turn WHERE author_key = ${authorKey} AND created_at >= ${since})
    + (SELECT count(*) FROM turn, unnest(regenerated_at) AS again
       WHERE author_key = ${authorKey} AND cardinality(regenerated_at) > 0
         AND (created_at >= ${lookBack} ${also}) AND again >= ${since}))`;
}

/** All tokens that an author used so far. */
export function tokensSoFar(authorKey: string): Prisma.Sql {
  return Prisma.sql`(SELECT tokens FROM author_usage WHERE author_key = ${authorKey})`;
}

/**
 * Tokens that an author used since the first turn begun within the last `ms`, those of answers to earlier turns included: a
 * difference of two counts, so that it costs the same however many turns there are.
 */
export function tokensUsed(authorKey: string, ms: number): Prisma.Sql {
  return Prisma.sql`coalesce(
    ${tokensSoFar(authorKey)}
    - (SELECT tokens_before FROM turn
       WHERE author_key = ${authorKey} AND created_at >= ${ago(ms)} AND tokens_before IS NOT NULL
       ORDER BY created_at LIMIT 1), 0)`;
}
