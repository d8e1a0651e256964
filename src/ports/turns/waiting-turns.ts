import type { ConversationId, DeliveryTarget, PostedPart, TurnId } from '../../domain/turn.js';

/** A turn that waits for others of its conversation, and whose asker is to be told so. */
export interface WaitingTurn {
  readonly id: TurnId;
  readonly revision: number;
  readonly target: DeliveryTarget;
  readonly text: string;
  /** Unfinished turns before it, at least 1. */
  readonly ahead: number;
}

/** Turns that nobody has claimed yet, and what their askers were shown. */
export interface WaitingTurns {
  /**
   * Turns that wait behind others and were never claimed, oldest first, at most `limit`; each is given once. It counts
   * as an attempt: whoever claims such a turn later knows that something may be posted already.
   */
  take(conversationId: ConversationId, limit: number): Promise<readonly WaitingTurn[]>;
  /** Stores the id of what a waiting turn's asker was shown. Refused (false) once the turn was claimed. */
  recordPart(turn: WaitingTurn, part: PostedPart): Promise<boolean>;
}
