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
import { type CredentialBoxes, openCredential } from './sealed-credentials.js';

/** What a claim reads of a turn, its message and its place. */
export interface ClaimedRow extends PlaceRow {
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

/** A claimed row as the pipeline sees it, with its credential opened. */
export function claimedTurn(
  boxes: CredentialBoxes,
  row: ClaimedRow,
  conversationId: ConversationId,
): ClaimedTurn {
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
