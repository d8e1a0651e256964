import type { ClaimedTurn, ConversationId } from '../../domain/turn.js';
import type { WaitingTurns } from '../../ports/turns/waiting-turns.js';
import type { WakeUps } from '../../ports/turns/wake-ups.js';
import { announceWaiting } from './announce-waiting.js';
import { type AnswerTurnDeps, answerTurn } from './answer-turn.js';
import { holdLease } from './hold-lease.js';

export interface DrainDeps extends AnswerTurnDeps {
  /** In a fleet: whether this worker is to answer the turn; handed on where not. */
  readonly place?: (turn: ClaimedTurn) => Promise<boolean>;
  /** Aborts when this worker stops: it takes no further turn, and leaves the conversation to another one. */
  readonly leaving: AbortSignal;
  readonly waiting: WaitingTurns;
  readonly wakeUps: WakeUps;
}

/**
 * Answers a conversation's unfinished turns, one at a time, oldest first. Returns when there are none, or when another
 * worker holds one or is to answer it: that worker goes on with the rest.
 *
 * @param owner - this worker's name in leases
 * @throws what answerTurn throws; the turn is pending again then
 */
export async function drainConversation(
  conversationId: ConversationId,
  owner: string,
  deps: DrainDeps,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (deps.leaving.aborted) return deps.wakeUps.add({ conversationId });
    const claimedAt = deps.clock.now();
    const turn = await deps.claims.claimNext(conversationId, owner, deps.lease.leaseMs);
    if (!turn || (deps.place && !(await deps.place(turn)))) return;
    const answered = new AbortController();
    const lease = holdLease(turn, claimedAt, deps.lease, deps);
    const working = AbortSignal.any([signal, lease.lost]);
    const announcing = announceWaiting(turn, { ...deps, check: lease.check }, answered.signal, working);
    try {
      await answerTurn(turn, lease, deps, signal);
    } finally {
      answered.abort();
      await announcing;
    }
  }
}
