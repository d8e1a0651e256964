import type { ConversationId } from '../domain/turn.js';
import { announceWaiting } from './announce-waiting.js';
import { type AnswerTurnDeps, answerTurn } from './answer-turn.js';

/**
 * Answers a conversation's unfinished turns, one at a time, oldest first. Returns when there are none, or when another
 * worker holds one: that worker goes on with the rest.
 *
 * @param owner - this worker's name in leases
 * @throws what answerTurn throws; the turn is pending again then
 */
export async function drainConversation(
  conversationId: ConversationId,
  owner: string,
  deps: AnswerTurnDeps,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const turn = await deps.turns.claimNext(conversationId, owner, deps.lease.leaseMs);
    if (!turn) return;
    const answered = new AbortController();
    const announcing = announceWaiting(conversationId, deps, answered.signal, signal);
    try {
      await answerTurn(turn, deps, signal);
    } finally {
      answered.abort();
      await announcing;
    }
  }
}
