import type { HistoryTurn } from '../../../src/ports/memory/history-reader.js';
import { usageBody } from './answer-request.js';

/** A stored turn as responses show it. */
export function turnBody(turn: HistoryTurn) {
  return {
    turn_id: turn.id,
    state: turn.state,
    user_id: turn.author.id,
    question: turn.text,
    quoted: turn.quoted,
    answer: turn.reply,
    model: turn.model,
    persona: turn.persona,
    finish_reason: turn.finishReason,
    usage: usageBody(turn.usage),
    first_token_ms: turn.timeToFirstTokenMs,
    tokens_per_second: turn.tokensPerSecond,
    vote: turn.vote?.vote ?? null,
    comment: turn.vote?.comment ?? null,
    failure: turn.failure && { kind: turn.failure.kind, message: turn.failure.notice },
    asked_at: turn.acceptedAt.toISOString(),
    finished_at: turn.finishedAt?.toISOString() ?? null,
  };
}
