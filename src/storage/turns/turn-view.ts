import type { SamplingParameters } from '../../domain/sampling.js';
import type { FinishReason, TurnOutcome, TurnState } from '../../domain/turn.js';
import type { TurnView } from '../../ports/turns/turn-store.js';
import type { Turn } from '../generated/client.js';

/** A stored turn as the port shows it. */
export function turnView(row: Turn): TurnView {
  return {
    id: row.id,
    conversationId: row.conversationId,
    state: row.state as TurnState,
    authorKey: row.authorKey,
    outcome: outcomeOf(row),
  };
}

function outcomeOf(row: Turn): TurnOutcome | null {
  if (row.state === 'cancelled') return { state: 'cancelled' };
  if (row.state === 'failed') {
    return {
      state: 'failed',
      kind: (row.failureKind ?? 'bug') as Extract<TurnOutcome, { state: 'failed' }>['kind'],
      notice: row.notice ?? '',
    };
  }
  if (row.state !== 'done' || row.model === null) return null;
  return {
    state: 'done',
    reply: row.reply,
    model: row.model,
    finishReason: (row.finishReason ?? 'stop') as FinishReason,
    usage: { prompt: row.promptTokens, cached: row.cachedTokens, reply: row.replyTokens },
    sampling: row.sampling as unknown as SamplingParameters,
    timeToFirstTokenMs: row.timeToFirstTokenMs,
    tokensPerSecond: row.tokensPerSecond,
  };
}
