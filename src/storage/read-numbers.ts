import type {
  DayNumbers,
  Numbers,
  NumbersQuery,
  OutcomeNumbers,
  Spreads,
  TokenCounts,
} from '../ports/numbers.js';
import { dayFacts, valueOfBucket } from './day-facts.js';
import { Prisma, type PrismaClient } from './generated/client.js';

/** Days counted from their turns where they are not added up yet: more come only while the roll-up is behind. */
const MOST_OPEN_DAYS = 3;

interface SumRow {
  readonly day: string | null;
  readonly platform: string | null;
  readonly model: string | null;
  readonly persona: string | null;
  readonly outcome: string | null;
  readonly turns: number;
  readonly failed: number;
  readonly prompt: number;
  readonly cached: number;
  readonly reply: number;
  readonly replaced: number;
  readonly timed_tokens: number;
  readonly timed_ms: number;
  readonly up: number;
  readonly down: number;
}

interface PeopleRow {
  readonly day: string;
  readonly platform: string;
  readonly users: number;
  readonly conversations: number;
}

interface SpreadRow {
  /** null: of all days. */
  readonly day: string | null;
  readonly measure: string;
  readonly p50: number;
  readonly p95: number;
}

/** Reads sums of days that are over, and counts the others from their turns, by the same statement that adds up. */
export async function readNumbers(prisma: PrismaClient, query: NumbersQuery): Promise<Numbers> {
  const { from, to } = query;
  const [known] = await prisma.$queryRaw<{ rolled: string | null; open: string }[]>`
    SELECT max(day)::text AS rolled,
           greatest(max(day) + 1, ${from}::date,
                    (clock_timestamp() AT TIME ZONE 'UTC')::date - ${MOST_OPEN_DAYS - 1}::int)::text AS open
    FROM numbers_day`;
  const rolledUpTo = known?.rolled ?? null;
  const open = known?.open ?? from;
  // Dates as text order as dates do.
  const live = open <= to ? dayFacts(open, to) : null;
  const [sums, people, spreads] = await Promise.all([
    readSums(prisma, query, live),
    readPeople(prisma, query, live),
    readSpreads(prisma, query, live),
  ]);
  return { rolledUpTo, ...fromRows(sums, people, spreads) };
}

function fromRows(
  sums: readonly SumRow[],
  people: readonly PeopleRow[],
  spreads: readonly SpreadRow[],
): Omit<Numbers, 'rolledUpTo'> {
  const turnsOf = new Map(sums.map((row) => [`${row.day} ${row.platform ?? '*'}`, row]));
  const spreadsOf = spreadsByDay(spreads);
  const days: DayNumbers[] = [];
  const platforms = [];
  for (const { day, platform, users, conversations } of people) {
    const sum = turnsOf.get(`${day} ${platform}`);
    if (!sum) continue;
    const { turns, failed } = sum;
    if (platform !== '*') platforms.push({ day, platform, turns, users });
    else {
      const counts = { turns, failed, users, conversations };
      days.push({ day, ...counts, tokens: tokens(sum), tokensPerSecond: speed(sum), ...spreadsOf(day) });
    }
  }
  return {
    days,
    platforms,
    models: sums.flatMap((row) =>
      row.model === null || row.persona !== null
        ? []
        : [{ model: row.model, turns: row.turns, tokens: tokens(row), tokensPerSecond: speed(row) }],
    ),
    outcomes: sums.flatMap((row) => (row.outcome === null ? [] : [outcome(row.outcome, row.turns)])),
    feedback: sums.flatMap(({ model, persona, up, down }) =>
      model === null || persona === null || up + down === 0 ? [] : [{ model, persona, up, down }],
    ),
    spreads: spreadsOf(null),
  };
}

/** For each day once by platform and once in all; in the whole range by model, by model and persona, and by outcome. */
function readSums(prisma: PrismaClient, query: NumbersQuery, live: Prisma.Sql | null): Promise<SumRow[]> {
  const { platform, model } = query;
  const columns = Prisma.sql`day, platform, model, persona, outcome, turns, prompt_tokens, cached_tokens,
    reply_tokens, replaced_tokens, timed_tokens, timed_ms, up, down`;
  return prisma.$queryRaw<SumRow[]>`
    ${allDays(Prisma.sql`turns_facts`, Prisma.sql`numbers_turns`, columns, query, live)}
    SELECT day::text, platform, model, persona, outcome, sum(turns)::float8 AS turns,
           coalesce(sum(turns) FILTER (WHERE outcome LIKE 'failed/%'), 0)::float8 AS failed,
           sum(prompt_tokens)::float8 AS prompt, sum(cached_tokens)::float8 AS cached,
           sum(reply_tokens)::float8 AS reply, sum(replaced_tokens)::float8 AS replaced,
           sum(timed_tokens)::float8 AS timed_tokens, sum(timed_ms)::float8 AS timed_ms,
           sum(up)::float8 AS up, sum(down)::float8 AS down
    FROM all_days
    WHERE (${platform}::text IS NULL OR platform = ${platform}) AND (${model}::text IS NULL OR model = ${model})
    GROUP BY GROUPING SETS ((day), (day, platform), (model), (model, persona), (outcome))
    ORDER BY turns DESC, model, persona, outcome`;
}

function readPeople(
  prisma: PrismaClient,
  query: NumbersQuery,
  live: Prisma.Sql | null,
): Promise<PeopleRow[]> {
  const { platform, model } = query;
  const columns = Prisma.sql`day, platform, model, users, conversations`;
  // Of one platform alone, its own row stands for all.
  return prisma.$queryRaw<PeopleRow[]>`
    ${allDays(Prisma.sql`people_facts`, Prisma.sql`numbers_people`, columns, query, live)}, chosen AS (
      SELECT * FROM all_days
      WHERE model = ${model ?? '*'} AND (${platform}::text IS NULL OR platform = ${platform})
    )
    SELECT day::text, platform, users::float8 AS users, conversations::float8 AS conversations FROM chosen
    UNION ALL
    SELECT day::text, '*', users::float8, conversations::float8 FROM chosen WHERE ${platform}::text IS NOT NULL
    ORDER BY day, platform`;
}

function readSpreads(
  prisma: PrismaClient,
  query: NumbersQuery,
  live: Prisma.Sql | null,
): Promise<SpreadRow[]> {
  const columns = Prisma.sql`day, platform, model, measure, bucket, amount`;
  return prisma.$queryRaw<SpreadRow[]>`
    ${allDays(Prisma.sql`spread_facts`, Prisma.sql`numbers_spread`, columns, query, live)}, summed AS (
      SELECT day, measure, bucket, sum(amount) AS amount FROM all_days
      WHERE platform = ${query.platform ?? '*'} AND model = ${query.model ?? '*'}
      GROUP BY GROUPING SETS ((day, measure, bucket), (measure, bucket))
    ), ranked AS (
      SELECT day, measure, bucket, sum(amount) OVER (PARTITION BY day, measure ORDER BY bucket) AS up_to,
             sum(amount) OVER (PARTITION BY day, measure) AS total
      FROM summed
    )
    SELECT day::text, measure, min(bucket) FILTER (WHERE up_to >= total * 0.5) AS p50,
           min(bucket) FILTER (WHERE up_to >= total * 0.95) AS p95
    FROM ranked GROUP BY day, measure`;
}

/** `WITH … all_days`: rows of days that are added up and of those that are not. */
function allDays(
  facts: Prisma.Sql,
  table: Prisma.Sql,
  columns: Prisma.Sql,
  { from, to }: NumbersQuery,
  live: Prisma.Sql | null,
): Prisma.Sql {
  const rolled = Prisma.sql`SELECT ${columns} FROM ${table} WHERE day BETWEEN ${from}::date AND ${to}::date`;
  if (live === null) return Prisma.sql`WITH all_days AS (${rolled})`;
  return Prisma.sql`WITH ${live}, all_days AS (${rolled} UNION ALL SELECT ${columns} FROM ${facts})`;
}

function tokens({ prompt, cached, reply, replaced }: SumRow): TokenCounts {
  return { prompt, cached, reply, replaced };
}

function speed({ timed_tokens, timed_ms }: SumRow): number | null {
  return timed_ms > 0 ? (timed_tokens * 1000) / timed_ms : null;
}

function outcome(stored: string, turns: number): OutcomeNumbers {
  const [name = '', kind = null] = stored.split('/');
  return { outcome: name as OutcomeNumbers['outcome'], kind, turns };
}

function spreadsByDay(rows: readonly SpreadRow[]): (day: string | null) => Spreads {
  const found = new Map(rows.map((row) => [`${row.day} ${row.measure}`, row]));
  return (day) => {
    const read = (measure: string) => {
      const row = found.get(`${day} ${measure}`);
      if (!row) return null;
      return { p50: Math.round(valueOfBucket(row.p50)), p95: Math.round(valueOfBucket(row.p95)) };
    };
    return {
      firstTokenMs: read('first_token_ms'),
      firstTextMs: read('first_text_ms'),
      conversationTurns: read('conversation_turns'),
    };
  };
}
