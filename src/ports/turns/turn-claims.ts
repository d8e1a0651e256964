import type {
  AnswerFacts,
  ClaimedTurn,
  ConversationId,
  GeneratedReply,
  PostedPart,
  TurnOutcome,
} from '../../domain/turn.js';

/** One attempt's work on a turn, under a lease: a write holds only while the attempt does. */
export interface TurnClaims {
  /**
   * Claims the oldest unfinished turn of a conversation: pending, or running under a lease that has run out.
   *
   * @returns null where there is none, or another worker holds a turn of this conversation
   */
  claimNext(conversationId: ConversationId, owner: string, leaseMs: number): Promise<ClaimedTurn | null>;

  /** Prolongs the lease. `held: false` means another attempt took over: stop at once. */
  renew(
    turn: ClaimedTurn,
    leaseMs: number,
  ): Promise<{ readonly held: boolean; readonly stopRequested: boolean }>;

  /** Stores a part's platform id before anything else happens; refused (false) for an older attempt. */
  recordPart(turn: ClaimedTurn, part: PostedPart): Promise<boolean>;
  removePart(turn: ClaimedTurn, index: number): Promise<void>;

  /**
   * Keeps what the model made before it is delivered to the end, so that a later attempt delivers it and asks no
   * model again. False where this attempt no longer holds the turn. Forgotten by `TurnControl.regenerate`.
   *
   * @param facts - of `firstTextMs`, what is stored first stays
   */
  keepReply(turn: ClaimedTurn, reply: GeneratedReply, facts?: AnswerFacts): Promise<boolean>;

  /** Ends the turn once; false where this attempt no longer holds it. */
  finish(turn: ClaimedTurn, outcome: TurnOutcome, facts?: AnswerFacts): Promise<boolean>;

  /** Gives the turn back as pending, for another worker to take at once. */
  release(turn: ClaimedTurn): Promise<void>;
}
