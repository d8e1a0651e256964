import type { NumbersQuery } from '../../ports/numbers/numbers.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { allDays, allTotals, dayAfter, type NumberDays } from './number-days.js';
import { CONVERSATIONS, PEOPLE, SPREAD, TURNS } from './numbers-tables.js';

/** People named in one answer. */
const MOST_NAMED = 50;
/** No conversation began before. */
const THE_BEGINNING = '1970-01-01';

interface Sums {
  readonly turns: number;
  readonly prompt: number;
  readonly cached: number;
  readonly reply: number;
  readonly replaced: number;
  readonly timed_tokens: number;
  readonly timed_ms: number;
}

export interface TotalsRow extends Sums {
  readonly day: string;
  readonly platform: string;
  readonly failed: number;
  readonly users: number;
  readonly conversations: number;
  readonly first_token_p50: number | null;
  readonly first_token_p95: number | null;
  readonly first_text_p50: number | null;
  readonly first_text_p95: number | null;
  readonly conversation_p50: number | null;
  readonly conversation_p95: number | null;
}

export interface SumRow extends Sums {
  readonly model: string | null;
  readonly persona: string | null;
  readonly outcome: string | null;
  readonly up: number;
  readonly down: number;
}

export interface SpreadRow {
  readonly measure: string;
  readonly p50: number;
  readonly p95: number;
}

export interface LengthRow {
  readonly conversations: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface PersonRow {
  readonly author_key: string;
  readonly name: string;
  readonly turns: number;
  readonly tokens: number;
}

const FLOATS = (columns: readonly string[]) =>
  Prisma.raw(columns.map((column) => `${column}::float8 AS ${column}`).join(', '));

/** Each day in all, and by platform; of one platform alone, its own row stands for all. */
export function readTotals(
  prisma: PrismaClient,
  { platform, model }: NumbersQuery,
  days: NumberDays,
): Promise<TotalsRow[]> {
  const where = Prisma.sql`model = ${model ?? '*'} AND (${platform}::text IS NULL OR platform = ${platform})`;
  return prisma.$queryRaw<TotalsRow[]>`
    ${allTotals(days, where)}
    SELECT day::text, platform, ${FLOATS(['turns', 'failed', 'users', 'conversations'])},
           prompt_tokens::float8 AS prompt, cached_tokens::float8 AS cached, reply_tokens::float8 AS reply,
           replaced_tokens::float8 AS replaced, ${FLOATS(['timed_tokens', 'timed_ms'])},
           first_token_p50, first_token_p95, first_text_p50, first_text_p95, conversation_p50, conversation_p95
    FROM all_days ORDER BY day, platform`;
}

/** The whole range by model, by model and persona, and by outcome. */
export function readSums(prisma: PrismaClient, query: NumbersQuery, days: NumberDays): Promise<SumRow[]> {
  return prisma.$queryRaw<SumRow[]>`
    ${allDays(TURNS, days)}
    SELECT model, persona, outcome, sum(turns)::float8 AS turns,
           sum(prompt_tokens)::float8 AS prompt, sum(cached_tokens)::float8 AS cached,
           sum(reply_tokens)::float8 AS reply, sum(replaced_tokens)::float8 AS replaced,
           sum(timed_tokens)::float8 AS timed_tokens, sum(timed_ms)::float8 AS timed_ms,
           sum(up)::float8 AS up, sum(down)::float8 AS down
    FROM all_days WHERE ${chosen(query)}
    GROUP BY GROUPING SETS ((model), (model, persona), (outcome))
    ORDER BY turns DESC, model, persona, outcome`;
}

/** Of the whole range. */
export function readSpreads(
  prisma: PrismaClient,
  { platform, model }: NumbersQuery,
  days: NumberDays,
): Promise<SpreadRow[]> {
  return prisma.$queryRaw<SpreadRow[]>`
    ${allDays(SPREAD, days)}, summed AS (
      SELECT measure, bucket, sum(amount) AS amount FROM all_days
      WHERE platform = ${platform ?? '*'} AND model = ${model ?? '*'} GROUP BY measure, bucket
    ), placed AS (
      SELECT measure, bucket, sum(amount) OVER (PARTITION BY measure ORDER BY bucket) AS up_to,
             sum(amount) OVER (PARTITION BY measure) AS total
      FROM summed
    )
    SELECT measure, min(bucket) FILTER (WHERE up_to >= total * 0.5) AS p50,
           min(bucket) FILTER (WHERE up_to >= total * 0.95) AS p95
    FROM placed GROUP BY measure`;
}

/** How many people asked. */
export async function countPeople(
  prisma: PrismaClient,
  query: NumbersQuery,
  days: NumberDays,
): Promise<number> {
  const [row] = await prisma.$queryRaw<{ people: number }[]>`
    ${allDays(PEOPLE, days)}
    SELECT count(*)::float8 AS people FROM (SELECT author_key FROM all_days WHERE ${chosen(query)} GROUP BY author_key)
      AS asked`;
  return row?.people ?? 0;
}

/** Of the conversations that went on in the range, all turns up to its end. */
export async function readLengths(
  prisma: PrismaClient,
  query: NumbersQuery,
  { inRange, before }: { readonly inRange: NumberDays; readonly before: NumberDays },
): Promise<LengthRow> {
  const [row] = await prisma.$queryRaw<LengthRow[]>`
    WITH told AS (
      ${allDays(CONVERSATIONS, inRange)} SELECT conversation_id, turns, ${chosen(query)} AS counts FROM all_days
    ), told_before AS (
      ${allDays(CONVERSATIONS, before)} SELECT conversation_id, turns, false AS counts FROM all_days
    ), lengths AS (
      SELECT conversation_id, sum(turns) AS turns
      FROM (SELECT * FROM told UNION ALL SELECT * FROM told_before) AS both_spans
      GROUP BY conversation_id HAVING bool_or(counts)
    )
    SELECT count(*)::float8 AS conversations,
           (percentile_disc(0.5) WITHIN GROUP (ORDER BY turns))::float8 AS p50,
           (percentile_disc(0.95) WITHIN GROUP (ORDER BY turns))::float8 AS p95
    FROM lengths`;
  return row ?? { conversations: 0, p50: null, p95: null };
}

/** Who asked most, the first of them first. */
export function readPeople(
  prisma: PrismaClient,
  query: NumbersQuery,
  days: NumberDays,
): Promise<PersonRow[]> {
  return prisma.$queryRaw<PersonRow[]>`
    ${allDays(PEOPLE, days)}, most AS (
      SELECT author_key, sum(turns)::float8 AS turns, sum(tokens)::float8 AS tokens
      FROM all_days WHERE ${chosen(query)} GROUP BY author_key ORDER BY 2 DESC, 3 DESC, 1 LIMIT ${MOST_NAMED}
    )
    SELECT author_key, coalesce(latest.author_name, '') AS name, turns, tokens
    FROM most LEFT JOIN LATERAL (
      SELECT message.author_name FROM turn JOIN message ON message.id = turn.message_id
      WHERE turn.author_key = most.author_key ORDER BY turn.created_at DESC LIMIT 1
    ) AS latest ON true
    ORDER BY turns DESC, tokens DESC, author_key`;
}

/** The platforms and models of the range, whatever the filters. */
export async function readChoices(
  prisma: PrismaClient,
  days: NumberDays,
): Promise<{ readonly platforms: readonly string[]; readonly models: readonly string[] }> {
  const rows = await prisma.$queryRaw<{ platform: string; model: string }[]>`
    ${allTotals(days, Prisma.sql`(platform = '*') <> (model = '*')`)}
    SELECT DISTINCT platform, model FROM all_days ORDER BY platform, model`;
  return {
    platforms: rows.flatMap(({ platform, model }) => (model === '*' ? [platform] : [])),
    models: rows.flatMap(({ platform, model }) => (platform === '*' && model !== '' ? [model] : [])),
  };
}

/** All days before a range. */
export function daysBefore({ from }: NumbersQuery): Pick<NumbersQuery, 'from' | 'to'> {
  return { from: THE_BEGINNING, to: dayAfter(from, -1) };
}

function chosen({ platform, model }: NumbersQuery): Prisma.Sql {
  return Prisma.sql`(${platform}::text IS NULL OR platform = ${platform})
    AND (${model}::text IS NULL OR model = ${model})`;
}
