import type { Conversation } from '../../api/api-types.js';
import { ApiError, callApi } from '../../api/call-api.js';
import { SAID } from '../sentences.js';
import { newTurn, type ShownTurn, type TurnState } from './turn.js';

/** A turn as the API has it. */
export type StoredTurn = Conversation['turns'][number];

const STATES: Readonly<Record<StoredTurn['state'], TurnState>> = {
  pending: 'waiting',
  running: 'writing',
  done: 'done',
  failed: 'failed',
  cancelled: 'stopped',
};

/**
 * Reads a page of a conversation, the newest where none is named. A page may name a conversation before anything is said
 * in it.
 *
 * @param user - whose votes it holds
 * @throws {ApiError}
 * @throws `signal.reason` on abort
 */
export async function readPage(
  id: string,
  { user, before }: { readonly user: string; readonly before?: number | undefined },
  signal: AbortSignal,
): Promise<Pick<Conversation, 'turns' | 'earlier'>> {
  const query = { user_id: user, ...(before !== undefined && { before: String(before) }) };
  try {
    return await callApi('GET /api/conversations/{id}', { path: { id }, query, signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { turns: [], earlier: null };
    throw error;
  }
}

/** Stored turns as the chat shows them. */
export function readTurns(turns: readonly StoredTurn[]): ShownTurn[] {
  return turns.map((turn) => ({
    ...newTurn(`turn-${turn.turn_id}`, turn.question),
    turnId: turn.turn_id,
    answer: turn.answer,
    state: turn.finish_reason === 'stopped' ? 'stopped' : STATES[turn.state],
    notice: noticeOf(turn),
    model: turn.model,
    replyTokens: turn.usage.reply_tokens,
    firstTokenMs: turn.first_token_ms,
    tokensPerSecond: turn.tokens_per_second,
    vote: turn.vote ?? 0,
    comment: turn.comment,
  }));
}

function noticeOf({ state, finish_reason, failure }: StoredTurn): string {
  if (failure) return failure.message;
  if (state === 'cancelled' || finish_reason === 'stopped') return SAID.stopped;
  return finish_reason === 'length' ? SAID.cut : '';
}
