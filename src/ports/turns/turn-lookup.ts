import type { Address } from '../../domain/address.js';
import type { ConversationId, TurnId, TurnOutcome, TurnState } from '../../domain/turn.js';

export interface TurnView {
  readonly id: TurnId;
  readonly conversationId: ConversationId;
  readonly state: TurnState;
  readonly authorKey: string;
  readonly outcome: TurnOutcome | null;
}

/** Finds turns, and changes none. */
export interface TurnLookup {
  find(turnId: TurnId): Promise<TurnView | null>;
  /** The turn one of whose parts is this platform message, or null. */
  findByPart(platform: string, messageId: string): Promise<TurnView | null>;
  latest(conversationId: ConversationId): Promise<TurnView | null>;
  /** The unfinished turns of a conversation, oldest first. */
  unfinished(conversationId: ConversationId): Promise<readonly TurnView[]>;
  /** True where a turn at this place (app, workspace, channel, thread; any memory scope) was ever accepted. */
  takesPart(address: Address): Promise<boolean>;
}
