import type { Address, MemoryScope } from '../../domain/address.js';
import type {
  AnswerFacts,
  ClaimedTurn,
  ConversationId,
  DeliveryTarget,
  GeneratedReply,
  IncomingMessage,
  PostedPart,
  TurnId,
  TurnOutcome,
  TurnState,
} from '../../domain/turn.js';

export interface RecordedTurn {
  readonly turnId: TurnId;
  readonly conversationId: ConversationId;
  /** False where the message's key was known: nothing was written. */
  readonly created: boolean;
  /** Unfinished turns of the conversation before this one. */
  readonly ahead: number;
}

/** How much of one thing its author may have used lately, by the store's clock, for another turn to begin. */
export interface UsageCap {
  readonly withinMs: number;
  readonly below: number;
}

export interface AuthorLimits {
  /** Turns begun, or answered again. */
  readonly turns: UsageCap | null;
  /** Tokens of prompts and replies. */
  readonly tokens: UsageCap | null;
}

/** The limit that is reached: nothing was written. */
export interface OverLimit {
  readonly over: 'turns' | 'tokens';
  /** What the API key allows, where it is the key's limit and not the author's. */
  readonly keyAllows?: number;
}

/** Why a turn was not replaced: nothing was written. */
export interface NotReplaced {
  /** `unknown`: no turn of this conversation. `unfinished`: it, or a later one, is still being answered. */
  readonly notReplaced: 'unknown' | 'forgotten' | 'unfinished';
}

export interface TurnView {
  readonly id: TurnId;
  readonly conversationId: ConversationId;
  readonly state: TurnState;
  readonly authorKey: string;
  readonly outcome: TurnOutcome | null;
}

/** What became of turns whose replies have nowhere to go any more. */
export interface AbandonedTurns {
  readonly ended: readonly TurnId[];
  /** Asked to stop: their workers end them. */
  readonly running: readonly TurnId[];
}

/** A turn that waits for others of its conversation, and whose asker is to be told so. */
export interface WaitingTurn {
  readonly id: TurnId;
  readonly revision: number;
  readonly target: DeliveryTarget;
  readonly text: string;
  /** Unfinished turns before it, at least 1. */
  readonly ahead: number;
}

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

/** The queue of record: every accepted message, and how far its turn has come. */
export interface TurnStore {
  /** Writes message and turn in one step, or finds them. Exactly one turn per `message.key`, whoever calls at once. */
  record(message: IncomingMessage, scope: MemoryScope): Promise<RecordedTurn>;
  /** As above, unless a limit of the author or of the API key is reached and the message is new. */
  record(
    message: IncomingMessage,
    scope: MemoryScope,
    limits: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit>;

  /**
   * Records a message in place of a turn: that one and all after it in the conversation are forgotten in the same step.
   * A message whose key is known is found, and forgets nothing.
   */
  replace(
    replaced: TurnId,
    message: IncomingMessage,
    scope: MemoryScope,
    limits: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit | NotReplaced>;

  /**
   * Claims the oldest unfinished turn of a conversation: pending, or running under a lease that has run out.
   *
   * @returns null where there is none, or another worker holds a turn of this conversation
   */
  claimNext(conversationId: ConversationId, owner: string, leaseMs: number): Promise<ClaimedTurn | null>;

  /**
   * Turns that wait behind others and were never claimed, oldest first, at most `limit`; each is given once. It counts
   * as an attempt: whoever claims such a turn later knows that something may be posted already.
   */
  takeWaiting(conversationId: ConversationId, limit: number): Promise<readonly WaitingTurn[]>;
  /** Stores the id of what a waiting turn's asker was shown. Refused (false) once the turn was claimed. */
  recordWaitingPart(turn: WaitingTurn, part: PostedPart): Promise<boolean>;

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
   * model again. False where this attempt no longer holds the turn. Forgotten by `regenerate`.
   *
   * @param facts - of `firstTextMs`, what is stored first stays
   */
  keepReply(turn: ClaimedTurn, reply: GeneratedReply, facts?: AnswerFacts): Promise<boolean>;

  /** Ends the turn once; false where this attempt no longer holds it. */
  finish(turn: ClaimedTurn, outcome: TurnOutcome, facts?: AnswerFacts): Promise<boolean>;

  /** Gives the turn back as pending, for another worker to take at once. */
  release(turn: ClaimedTurn): Promise<void>;

  /** Marks an unfinished turn to be stopped. False where it had ended already. */
  requestStop(turnId: TurnId): Promise<boolean>;
  /** Ends unfinished turns whose target holds all that `target` does, as `failed` by `delivery-failed`. */
  abandon(target: DeliveryTarget): Promise<AbandonedTurns>;
  /** The unfinished turns of a conversation, oldest first. */
  unfinished(conversationId: ConversationId): Promise<readonly TurnView[]>;

  /** Makes a finished turn pending again; its parts are edited. False where it is not finished. */
  regenerate(turnId: TurnId): Promise<boolean>;

  find(turnId: TurnId): Promise<TurnView | null>;
  /** The turn of a message's key, or null. */
  findByMessage(key: string): Promise<TurnView | null>;
  /** The turn one of whose parts is this platform message, or null. */
  findByPart(platform: string, messageId: string): Promise<TurnView | null>;
  latest(conversationId: ConversationId): Promise<TurnView | null>;
  /** True where a turn at this place (app, workspace, channel, thread; any memory scope) was ever accepted. */
  takesPart(address: Address): Promise<boolean>;

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

  /**
   * Stores one person's 👍 (1) or 👎 (-1); 0 takes it back, with its comment.
   *
   * @param comment - why, in their words; empty takes it back. Where left out, the same vote keeps the one it has.
   */
  vote(turnId: TurnId, authorKey: string, vote: -1 | 0 | 1, comment?: string): Promise<void>;

  /** Finished turns whose export is due, oldest first, at most `limit`. */
  unexported(limit: number): Promise<readonly TurnId[]>;
}
