import type { Address } from '../../domain/address.js';
import type { ConversationId, TurnId } from '../../domain/turn.js';

/** A conversation whose wake-up may be lost, with what its next turn asks for. */
export interface OverdueConversation {
  readonly conversationId: ConversationId;
  readonly address: Address;
  /** What the turn itself asks for; null where settings decide. */
  readonly model: string | null;
}

/** What waits or runs at this moment, over all conversations. */
export interface Backlog {
  readonly pending: number;
  readonly running: number;
  /** How long the oldest pending turn has waited; 0 where none is pending. */
  readonly oldestPendingMs: number;
}

/** What keeps the queue of record in order, over all conversations. */
export interface TurnUpkeep {
  /** Conversations with turns pending or abandoned for `olderThanMs`, the longest first. At most `limit`. */
  overdue(olderThanMs: number, limit: number): Promise<readonly OverdueConversation[]>;
  backlog(): Promise<Backlog>;
  /** Frees every lease of `owner`, or of everyone where this process alone owns the database. Returns how many. */
  abandonLeases(owner: string | 'everyone'): Promise<number>;

  /**
   * Erases the credentials of targets that ran out before `now`, of turns after `from` that have ended.
   *
   * @returns the last turn before which none is left to erase, to begin after the next time
   */
  eraseCredentials(from: TurnId, now: Date): Promise<TurnId>;
}
