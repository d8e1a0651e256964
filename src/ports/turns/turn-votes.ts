import type { TurnId } from '../../domain/turn.js';

/** What people think of replies. */
export interface TurnVotes {
  /**
   * Stores one person's 👍 (1) or 👎 (-1); 0 takes it back, with its comment.
   *
   * @param comment - why, in their words; empty takes it back. Where left out, the same vote keeps the one it has.
   */
  cast(turnId: TurnId, authorKey: string, vote: -1 | 0 | 1, comment?: string): Promise<void>;
}
