import type { Prompt } from '../../domain/prompt.js';
import type { SamplingOverrides, SamplingParameters } from '../../domain/sampling.js';
import type {
  ClaimedTurn,
  ConversationId,
  DeliveryTarget,
  FinishReason,
  GeneratedReply,
  PostedPart,
} from '../../domain/turn.js';
import { addressOf, type PlaceRow } from '../database/place-row.js';
import type { PrismaClient } from '../generated/client.js';
import { type CredentialBoxes, openCredential } from './sealed-credentials.js';

interface ClaimedRow extends PlaceRow {
  readonly id: number;
  readonly attempt: number;
  readonly revision: number;
  readonly stop_requested: boolean;
  readonly forgotten: boolean;
  readonly asked_model: string | null;
  readonly asked_sampling: SamplingOverrides;
  readonly target: DeliveryTarget;
  readonly reply: string;
  readonly model: string | null;
  readonly sampling: SamplingParameters | null;
  readonly finish_reason: FinishReason | null;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly reply_tokens: number;
  readonly time_to_first_token_ms: number | null;
  readonly tokens_per_second: number | null;
  readonly created_at: Date;
  readonly trace: string | null;
  readonly given_prompt: Prompt | null;
  readonly message_key: string;
  readonly author_key: string;
  readonly author_id: string;
  readonly author_name: string;
  readonly text: string;
  readonly quoted_author: string | null;
  readonly quoted_text: string | null;
  readonly parts: readonly PostedPart[];
}

/**
 * Claims the oldest unfinished turn of a conversation, by the database's clock. BETWEEN, where = would do, keeps the
 * order of the index on unfinished turns the only one that fits: with = the planner may take the primary key for it, and
 * read every turn stored.
 *
 * Two statements in one short transaction: the lock on the conversation's row comes first, so that the second sees
 * what whoever held the lock before has written. Not all who end a turn take that lock: what the update finds is checked
 * again, since it may have waited for one of them.
 */
export async function claimTurn(
  prisma: PrismaClient,
  boxes: CredentialBoxes,
  conversationId: ConversationId,
  owner: string,
  leaseMs: number,
): Promise<ClaimedTurn | null> {
  const [, rows] = await prisma.$transaction([
    prisma.$queryRaw`SELECT id FROM conversation WHERE id = ${conversationId} FOR UPDATE`,
    prisma.$queryRaw<ClaimedRow[]>`
      WITH next AS (
        SELECT id FROM turn
        WHERE conversation_id BETWEEN ${conversationId} AND ${conversationId}
          AND state IN ('pending', 'running') AND (state = 'pending' OR lease_until <= clock_timestamp())
          AND NOT EXISTS (SELECT 1 FROM turn AS held WHERE held.conversation_id = ${conversationId}
                            AND held.state = 'running' AND held.lease_until > clock_timestamp())
        ORDER BY conversation_id, id LIMIT 1
      ), claimed AS (
        UPDATE turn SET state = 'running', attempt = attempt + 1, lease_owner = ${owner},
               lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond',
               started_at = coalesce(started_at, clock_timestamp())
        FROM next WHERE turn.id = next.id
          AND (turn.state = 'pending' OR turn.state = 'running' AND turn.lease_until <= clock_timestamp())
        RETURNING turn.*
      )
      SELECT claimed.id, claimed.attempt, claimed.revision, claimed.stop_requested, claimed.forgotten,
             claimed.asked_model, claimed.asked_sampling, claimed.target, claimed.reply, claimed.model, claimed.sampling,
             claimed.finish_reason, claimed.prompt_tokens, claimed.cached_tokens, claimed.reply_tokens,
             claimed.time_to_first_token_ms, claimed.tokens_per_second, claimed.created_at, claimed.trace,
             claimed.given_prompt,
             message.key AS message_key, message.author_key, message.author_id, message.author_name, message.text,
             message.quoted_author, message.quoted_text,
             place.platform, place.app, place.workspace, place.channel, place.thread, place.parent, place.kind,
             coalesce((SELECT json_agg(json_build_object('index', part.index, 'messageId', part.message_id)
                                       ORDER BY part.index)
                       FROM part WHERE part.turn_id = claimed.id), '[]') AS parts
      FROM claimed
      JOIN message ON message.id = claimed.message_id
      JOIN conversation AS place ON place.id = claimed.conversation_id`,
  ]);
  const [row] = rows;
  return row ? claimedTurn(boxes, row, conversationId) : null;
}

function claimedTurn(boxes: CredentialBoxes, row: ClaimedRow, conversationId: ConversationId): ClaimedTurn {
  return {
    id: row.id,
    conversationId,
    attempt: row.attempt,
    revision: row.revision,
    address: addressOf(row),
    author: { key: row.author_key, id: row.author_id, name: row.author_name },
    text: row.text,
    quoted: row.quoted_text === null ? null : { author: row.quoted_author ?? '', text: row.quoted_text },
    target: openCredential(boxes, row.target, row.message_key),
    model: row.asked_model,
    sampling: row.asked_sampling,
    parts: row.parts,
    acceptedAt: row.created_at,
    stopRequested: row.stop_requested,
    forgotten: row.forgotten,
    kept: keptReply(row),
    ...(row.trace === null ? {} : { trace: row.trace }),
    ...(row.given_prompt === null ? {} : { prompt: row.given_prompt }),
  };
}

function keptReply(row: ClaimedRow): GeneratedReply | null {
  if (row.forgotten) return null;
  if (row.model === null || row.finish_reason === null || row.sampling === null) return null;
  return {
    reply: row.reply,
    model: row.model,
    finishReason: row.finish_reason,
    usage: { prompt: row.prompt_tokens, cached: row.cached_tokens, reply: row.reply_tokens },
    sampling: row.sampling,
    timeToFirstTokenMs: row.time_to_first_token_ms,
    tokensPerSecond: row.tokens_per_second,
  };
}
