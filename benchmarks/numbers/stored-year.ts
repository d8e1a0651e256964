import type pg from 'pg';

const CONVERSATIONS_PER_TURN = 1 / 50;
const AUTHORS = 5_000;
/** The embedded database answers nobody else meanwhile, and a server's time limit is 30 s. */
const PIECE = 20_000;

/**
 * Fills a database with so many turns of the last 365 days: of 5,000 people, in conversations of some 40 turns in two
 * weeks, and a fifth of them in 200 that never end; three platforms, models and personas, 3% of the turns failed, one
 * in twenty voted on.
 */
export async function storeYear(pool: pg.Pool, turns: number): Promise<void> {
  const conversations = Math.max(200, Math.round(turns * CONVERSATIONS_PER_TURN));
  await pool.query(
    `INSERT INTO conversation (key, platform, app, workspace, channel, kind)
     SELECT 'numbers/' || n, (ARRAY['discord', 'discord', 'slack', 'web'])[n % 4 + 1], 'parley', '-', n, 'channel'
     FROM generate_series(1, $1::int) AS n`,
    [conversations],
  );
  const { rows } = await pool.query<{ first: number }>('SELECT min(id) AS first FROM conversation');
  for (let from = 0; from < turns; from += PIECE) {
    const to = Math.min(turns, from + PIECE) - 1;
    await pool.query(FILL, [from, to, turns, conversations, rows[0]?.first ?? 1, AUTHORS]);
  }
  await pool.query(
    `INSERT INTO vote (turn_id, author_key, vote)
     SELECT id, author_key, CASE WHEN id % 60 = 0 THEN -1 ELSE 1 END FROM turn WHERE id % 20 = 0 AND state = 'done'`,
  );
  await pool.query('ANALYZE');
}

const FILL = `
  WITH numbered AS (
    SELECT n, now() - interval '365 days' * (1 - n::float8 / $3::int) AS at,
           CASE WHEN random() < 0.2 THEN floor(random() * 200)::int
                ELSE least($4::int - 1, greatest(0, floor($4::int * (n::float8 / $3::int + (random() - 0.5) * 0.04))))::int
           END AS place,
           random() AS luck, 1 - random() AS even
    FROM generate_series($1::int, $2::int) AS n
  ), known AS (
    SELECT *, 'numbers/author-' || (place * 7 + floor(even * even * 4)::int) % $6::int AS author,
           CASE WHEN luck < 0.03 THEN 'failed' WHEN luck < 0.04 THEN 'cancelled' ELSE 'done' END AS state
    FROM numbered
  ), said AS (
    INSERT INTO message (key, platform, channel, author_key, author_id, author_name, text, created_at)
    SELECT 'numbers/' || n, 'web', place::text, author, author, 'Ada', 'Why is that so?', at FROM known ORDER BY n
    RETURNING id, key
  )
  INSERT INTO turn (conversation_id, message_id, author_key, state, attempt, target, reply, model, persona,
                    failure_kind, prompt_tokens, cached_tokens, reply_tokens, time_to_first_token_ms, first_text_ms,
                    tokens_per_second, created_at, started_at, finished_at)
  SELECT $5::int + place, said.id, author, known.state, 1, '{}', 'Because.',
         (ARRAY['small', 'small', 'medium', 'hosted'])[CASE WHEN luck > 0.9 THEN n ELSE place END % 4 + 1],
         (ARRAY['general', 'medical', 'terse'])[place % 3 + 1],
         CASE WHEN known.state = 'failed' THEN (ARRAY['provider-unavailable', 'context-overflow', 'bug'])[n % 3 + 1] END,
         200 + (even * 2800)::int, (even * 1700)::int, 20 + (luck * 380)::int,
         exp(4.5 + 3 * luck * even), exp(5.5 + 3 * luck * even), 20 + 70 * even, at, at, at
  FROM said JOIN known ON said.key = 'numbers/' || known.n
  ORDER BY said.id`;
