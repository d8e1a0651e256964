import { Prisma } from '../generated/client.js';

/** Growth from one bucket of a spread to the next. */
const GROWTH = 1.1;

/** The day (UTC) a turn was asked on: the expression of the index turn_day_idx. */
export const DAY = Prisma.sql`(turn.created_at AT TIME ZONE 'UTC')::date`;

/**
 * The middle of what a bucket holds, at most 4.9% off (the square root of the growth). Below 1 all counts as 1.
 */
export function valueOfBucket(bucket: number): number {
  return GROWTH ** (bucket + 0.5);
}

const ALL_TOGETHER = Prisma.sql`CASE WHEN grouping(platform) = 1 THEN '*' ELSE platform END AS platform,
  CASE WHEN grouping(model) = 1 THEN '*' ELSE model END AS model`;

/** Of turns: their sums, as several tables hold them. */
const SUMS = Prisma.sql`coalesce(sum(prompt_tokens), 0) AS prompt_tokens,
  coalesce(sum(cached_tokens), 0) AS cached_tokens, coalesce(sum(reply_tokens), 0) AS reply_tokens,
  coalesce(sum(replaced_tokens), 0) AS replaced_tokens,
  coalesce(sum(reply_tokens) FILTER (WHERE tokens_per_second > 0), 0) AS timed_tokens,
  coalesce(sum(reply_tokens * 1000 / tokens_per_second) FILTER (WHERE tokens_per_second > 0), 0) AS timed_ms`;

/**
 * What is known of the turns of some days, as the tables of the roll-up hold it: `totals_facts`, `turns_facts`,
 * `people_facts`, `conversations_facts` and `spread_facts`, to stand after WITH.
 *
 * @param first - the first day, as in 2026-11-21
 * @param last - the last day, included
 */
export function dayFacts(first: string, last: string): Prisma.Sql {
  return Prisma.sql`
    said AS MATERIALIZED (
      SELECT turn.id, ${DAY} AS day, turn.conversation_id, turn.author_key, place.platform, place.kind,
             coalesce(turn.model, turn.asked_model, '') AS model, coalesce(turn.persona, '') AS persona,
             CASE WHEN turn.state = 'failed' THEN 'failed/' || coalesce(turn.failure_kind, 'bug')
                  WHEN turn.state IN ('pending', 'running') THEN 'open'
                  ELSE turn.state END AS outcome,
             turn.prompt_tokens, turn.cached_tokens, turn.reply_tokens, turn.replaced_tokens,
             turn.tokens_per_second, turn.time_to_first_token_ms, turn.first_text_ms
      FROM turn JOIN conversation AS place ON place.id = turn.conversation_id
      WHERE ${DAY} BETWEEN ${first}::date AND ${last}::date
    ), voted AS (
      SELECT turn_id, count(*) FILTER (WHERE vote > 0) AS up, count(*) FILTER (WHERE vote < 0) AS down
      FROM vote WHERE turn_id IN (SELECT id FROM said) GROUP BY turn_id
    ), turns_facts AS (
      SELECT day, platform, model, persona, outcome, count(*) AS turns, ${SUMS},
             coalesce(sum(up), 0) AS up, coalesce(sum(down), 0) AS down
      FROM said LEFT JOIN voted ON voted.turn_id = said.id
      GROUP BY day, platform, model, persona, outcome
    ), people_facts AS (
      SELECT day, platform, model, author_key, count(*) AS turns,
             sum(prompt_tokens + reply_tokens + replaced_tokens) AS tokens
      FROM said GROUP BY day, platform, model, author_key
    ), conversations_facts AS (
      SELECT day, platform, model, conversation_id, count(*) AS turns
      FROM said WHERE kind <> 'call' GROUP BY day, platform, model, conversation_id
    ), measured AS (
      SELECT day, platform, model, measure, value
      FROM said CROSS JOIN LATERAL (VALUES ('first_token_ms', time_to_first_token_ms),
                                           ('first_text_ms', first_text_ms)) AS taken (measure, value)
      WHERE value IS NOT NULL AND outcome = 'done'
    ), spread_facts AS (
      SELECT day, ${ALL_TOGETHER}, measure, ${bucketOf(Prisma.sql`value`)} AS bucket, count(*) AS amount
      FROM measured GROUP BY day, CUBE (platform, model), measure, ${bucketOf(Prisma.sql`value`)}
      UNION ALL
      SELECT day, platform, model, 'conversation_turns', ${bucketOf(Prisma.sql`turns`)}, count(*)
      FROM (SELECT day, ${ALL_TOGETHER}, count(*) AS turns
            FROM said WHERE kind <> 'call' GROUP BY day, conversation_id, CUBE (platform, model)) AS lengths
      GROUP BY day, platform, model, ${bucketOf(Prisma.sql`turns`)}
    ), ranked AS (
      SELECT day, platform, model, measure, bucket,
             sum(amount) OVER (PARTITION BY day, platform, model, measure ORDER BY bucket) AS up_to,
             sum(amount) OVER (PARTITION BY day, platform, model, measure) AS total
      FROM spread_facts
    ), percentiles AS (
      SELECT day, platform, model, ${percentile('first_token_ms', 0.5)} AS first_token_p50,
             ${percentile('first_token_ms', 0.95)} AS first_token_p95,
             ${percentile('first_text_ms', 0.5)} AS first_text_p50,
             ${percentile('first_text_ms', 0.95)} AS first_text_p95,
             ${percentile('conversation_turns', 0.5)} AS conversation_p50,
             ${percentile('conversation_turns', 0.95)} AS conversation_p95
      FROM ranked GROUP BY day, platform, model
    ), counted AS (
      SELECT day, ${ALL_TOGETHER}, count(*) AS turns,
             count(*) FILTER (WHERE outcome LIKE 'failed/%') AS failed, count(DISTINCT author_key) AS users,
             count(DISTINCT conversation_id) FILTER (WHERE kind <> 'call') AS conversations, ${SUMS}
      FROM said GROUP BY day, CUBE (platform, model)
    ), totals_facts AS (
      SELECT * FROM counted LEFT JOIN percentiles USING (day, platform, model)
    )`;
}

function percentile(measure: string, share: number): Prisma.Sql {
  return Prisma.sql`min(bucket) FILTER (WHERE measure = ${measure} AND up_to >= total * ${share}::float8)`;
}

/** The logarithm of a constant, so that the expression is the same in SELECT and GROUP BY. */
function bucketOf(value: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`floor(ln(greatest(${value}, 1)::float8) / ln(1.1::float8))::int`;
}
