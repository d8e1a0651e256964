import type { ApiKeyId } from '../../domain/api-key.js';
import { DAY_MS } from '../../domain/time/duration.js';
import type { TurnId } from '../../domain/turn.js';
import { Prisma } from '../generated/client.js';

/** Whose use is counted. */
export interface UsedBy {
  /** Finds the turns. */
  readonly turns: Prisma.Sql;
  /** The row of author_usage that counts the tokens. */
  readonly usage: Prisma.Sql;
  /** The column that holds what that row said as a turn began. */
  readonly before: Prisma.Sql;
}

export function byAuthor(authorKey: string): UsedBy {
  return {
    turns: Prisma.sql`author_key = ${authorKey}`,
    usage: Prisma.sql`${authorKey}`,
    before: Prisma.sql`tokens_before`,
  };
}

/** All who ask with one API key. @param id - or a column that holds it */
export function byApiKey(id: ApiKeyId | Prisma.Sql): UsedBy {
  return {
    turns: Prisma.sql`key_id = ${id}`,
    usage: apiKeyUsage(id),
    before: Prisma.sql`key_tokens_before`,
  };
}

/** The name that an API key's tokens are counted by. */
export function apiKeyUsage(id: ApiKeyId | Prisma.Sql): Prisma.Sql {
  return Prisma.sql`('api-key/' || (${id}::int)::text)`;
}

/** By the database's clock, as the times it is compared with: this process's may be a minute off. */
function ago(ms: number): Prisma.Sql {
  return Prisma.sql`(now() - ${ms}::float8 * interval '1 millisecond')`;
}

/**
 * Turns begun, and answered again, within the last `ms`. Second answers count by their own time, but only those to
 * turns begun within a day before are looked for, and `alsoTurn`. Each part has an index of its own: what somebody did
 * in a whole day may be ten thousand rows.
 */
export function turnsUsed({ turns }: UsedBy, ms: number, alsoTurn?: TurnId): Prisma.Sql {
  const [since, lookBack] = [ago(ms), ago(ms + DAY_MS)];
  const also = alsoTurn === undefined ? Prisma.empty : Prisma.sql`OR id = ${alsoTurn}`;
  return Prisma.sql`(
    (SELECT count(*) FROM turn WHERE ${turns} AND created_at >= ${since})
    + (SELECT count(*) FROM turn, unnest(regenerated_at) AS again
       WHERE ${turns} AND cardinality(regenerated_at) > 0
         AND (created_at >= ${lookBack} ${also}) AND again >= ${since}))`;
}

/** All tokens used so far. */
export function tokensSoFar({ usage }: UsedBy): Prisma.Sql {
  return Prisma.sql`(SELECT tokens FROM author_usage WHERE author_key = ${usage})`;
}

/**
 * Tokens used since the first turn begun within the last `ms`, those of answers to earlier turns included: a
 * difference of two counts, so that it costs the same however many turns there are.
 */
export function tokensUsed(by: UsedBy, ms: number): Prisma.Sql {
  return Prisma.sql`coalesce(
    ${tokensSoFar(by)}
    - (SELECT ${by.before} FROM turn
       WHERE ${by.turns} AND created_at >= ${ago(ms)} AND ${by.before} IS NOT NULL
       ORDER BY created_at LIMIT 1), 0)`;
}
