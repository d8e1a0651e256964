import type { AnswerFacts, ClaimedTurn, GeneratedReply } from '../../domain/turn.js';
import { storable, storableJson } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { apiKeyUsage } from './author-usage.js';

/** For a SET: the first text is shown once, and who takes over does not know when. */
export function writtenFacts(facts: AnswerFacts | undefined): Prisma.Sql {
  return Prisma.sql`persona = coalesce(${facts?.persona ?? null}, persona),
    first_text_ms = coalesce(first_text_ms, ${facts?.firstTextMs ?? null})`;
}

/**
 * Stores what the model made, and counts its tokens as its author's, and as those of the API key it was asked with:
 * once, however often the same reply is written.
 * Text that was forgotten while its reply was written stays forgotten.
 *
 * @returns false where this attempt no longer holds the turn
 */
export async function writeReply(
  prisma: PrismaClient,
  turn: ClaimedTurn,
  reply: GeneratedReply,
  state: 'running' | 'done',
  facts: AnswerFacts | undefined,
): Promise<boolean> {
  const { usage } = reply;
  // A sub-select sees the turn as it was before.
  const rows = await prisma.$queryRaw<{ id: number }[]>`
    WITH written AS (
      UPDATE turn SET state = ${state}, model = ${reply.model}, finish_reason = ${reply.finishReason},
             reply = CASE WHEN forgotten THEN '' ELSE ${storable(reply.reply)} END,
             sampling = ${storableJson(reply.sampling)}::jsonb,
             prompt_tokens = ${usage.prompt}, cached_tokens = ${usage.cached}, reply_tokens = ${usage.reply},
             time_to_first_token_ms = ${reply.timeToFirstTokenMs}, tokens_per_second = ${reply.tokensPerSecond},
             ${writtenFacts(facts)},
             finished_at = CASE WHEN ${state} = 'done' THEN clock_timestamp() END,
             lease_owner = CASE WHEN ${state} = 'running' THEN lease_owner END,
             lease_until = CASE WHEN ${state} = 'running' THEN lease_until END
      WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'
      RETURNING id, author_key, key_id, prompt_tokens + reply_tokens
        - (SELECT prompt_tokens + reply_tokens FROM turn AS before WHERE before.id = turn.id) AS used
    ), counted AS (
      INSERT INTO author_usage AS known (author_key, tokens)
      SELECT author_key, used FROM written WHERE used <> 0
      UNION ALL
      SELECT ${apiKeyUsage(Prisma.sql`key_id`)}, used FROM written WHERE used <> 0 AND key_id IS NOT NULL
      ON CONFLICT (author_key) DO UPDATE SET tokens = known.tokens + EXCLUDED.tokens
    )
    SELECT id FROM written`;
  return rows.length > 0;
}
