import type { MemoryScope } from '../../domain/address.js';
import type { ConversationId, IncomingMessage, TurnId } from '../../domain/turn.js';

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

/** Where the queue of record begins: every accepted message becomes a turn. */
export interface TurnRecorder {
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
}
