import type pg from 'pg';
import type { Address } from '../../src/domain/address.js';
import type { IncomingMessage } from '../../src/domain/turn.js';

/** A conversation named by the bench; `fillConversations` gives it the same name in SQL. */
export function placeOf(channel: string): Address {
  return { platform: 'web', app: 'parley', workspace: '-', channel, kind: 'direct' };
}

const QUESTION = 'What did we say about the harvest, and who wanted to be told of it? '.repeat(2).trim();
const REPLY = 'The harvest is late this year, and Ada wanted to be told as soon as it begins. '
  .repeat(4)
  .trim();

let asked = 0;

export function questionIn(channel: string, author: string): IncomingMessage {
  asked += 1;
  return {
    key: `web/load/question-${asked}`,
    address: placeOf(channel),
    author: { key: `web/${author}`, id: author, name: author },
    text: QUESTION,
    target: { platform: 'web', conversation: channel },
  };
}

export interface Filling {
  /** Conversations are named `NAME-1`, `NAME-2`, … */
  readonly name: string;
  readonly conversations: number;
  /** Finished turns of each. */
  readonly turns: number;
  /** Seconds between now and the oldest turn. */
  readonly ageS: number;
  /** Who asked; by default somebody else in each conversation. */
  readonly author?: string;
}

/** Fills conversations with finished turns, round by round, as if they had been asked in turn. */
export async function fillConversations(pool: pg.Pool, filling: Filling): Promise<void> {
  const { name, conversations, turns, ageS } = filling;
  await pool.query(
    `INSERT INTO conversation (key, platform, app, workspace, channel, kind)
     SELECT 'web/parley/-/' || $1::text || '-' || n, 'web', 'parley', '-', $1::text || '-' || n, 'direct'
     FROM generate_series(1, $2::int) AS n`,
    [name, conversations],
  );
  const total = conversations * turns;
  // Piece by piece: the embedded database answers nobody else meanwhile, and pg's time limit is 30 s.
  for (let from = 0; from < total; from += PIECE)
    await pool.query(FILL, [
      name,
      conversations,
      from,
      Math.min(total, from + PIECE) - 1,
      total,
      ageS,
      filling.author ?? null,
      QUESTION,
      REPLY,
    ]);
}

const PIECE = 20_000;

const FILL = `
  WITH numbered AS (
    SELECT n, (n % $2::int) + 1 AS place,
           coalesce('web/' || $7::text, 'web/' || $1::text || '-author-' || ((n % $2::int) + 1)) AS author,
           now() - make_interval(secs => $6::float8 * (1 - n::float8 / $5::int)) AS at
    FROM generate_series($3::int, $4::int) AS n
  ), said AS (
    INSERT INTO message (key, platform, channel, author_key, author_id, author_name, text, created_at)
    SELECT 'web/' || $1::text || '/' || n, 'web', $1::text || '-' || place, author, author, 'Ada', $8::text, at
    FROM numbered ORDER BY n
    RETURNING id, key, channel, author_key, created_at
  ), asked AS (
    INSERT INTO turn (conversation_id, message_id, author_key, state, attempt, target, reply, model, sampling,
                      finish_reason, prompt_tokens, reply_tokens, tokens_before, created_at, started_at, finished_at)
    SELECT conversation.id, said.id, said.author_key, 'done', 1,
           jsonb_build_object('platform', 'web', 'conversation', said.channel), $9::text, 'small', '{}', 'stop',
           400, 80, 0, said.created_at, said.created_at, said.created_at
    FROM said JOIN conversation ON conversation.key = 'web/parley/-/' || said.channel
    ORDER BY said.id
    RETURNING author_key
  )
  INSERT INTO author_usage AS known (author_key, tokens) SELECT author_key, 480 * count(*) FROM asked GROUP BY 1
  ON CONFLICT (author_key) DO UPDATE SET tokens = known.tokens + EXCLUDED.tokens`;

/** The window of a conversation begins so that `turns` of it go into the next prompt. */
export async function remember(pool: pg.Pool, channel: string, turns: number): Promise<void> {
  await pool.query(
    `UPDATE conversation SET window_start = coalesce(
       (SELECT id FROM turn WHERE conversation_id = conversation.id ORDER BY id DESC OFFSET $2 LIMIT 1) + 1, 0)
     WHERE key = 'web/parley/-/' || $1::text`,
    [channel, turns],
  );
}
