import type { Address, Author } from '../../domain/address.js';
import type { CommandName, CommandValues } from '../../domain/commands.js';
import type { EffectiveSettings, Language } from '../../domain/settings.js';
import type { ConversationId, DeliveryTarget, IncomingMessage, TurnId } from '../../domain/turn.js';
import type { TurnView } from './turn-store.js';

/** What became of a message handed in. `text` is a sentence for the person, in their language. */
export type Acceptance =
  | {
      readonly type: 'accepted';
      readonly turnId: TurnId;
      readonly conversationId: ConversationId;
      /** Turns of this conversation to be answered first. */
      readonly ahead: number;
    }
  | { readonly type: 'duplicate'; readonly turnId: TurnId; readonly conversationId: ConversationId }
  | {
      readonly type: 'refused';
      readonly reason: RefusalReason;
      readonly text: string;
      /** `turn-limit`, `token-limit`: milliseconds after which asking again makes sense. */
      readonly retryAfterMs?: number;
      /** This message was refused before, and the person told: stay silent. */
      readonly repeated?: boolean;
    };

export type RefusalReason =
  | 'empty'
  | 'too-long'
  | 'unknown-model'
  | 'bad-parameter'
  | 'nothing-to-replace' /* no turn of this conversation */
  | 'replaced-already' /* or forgotten */
  | 'still-answering' /* what is to be replaced, or a later turn */
  | 'turn-limit'
  | 'token-limit';

/** Someone who does something somewhere. */
export interface Actor {
  readonly address: Address;
  readonly author: Author;
  /** The person may change settings here, as the platform sees it (Discord: Manage Channel). */
  readonly mayManage: boolean;
}

export interface CommandInvocation extends Actor {
  readonly name: CommandName;
  readonly values: CommandValues;
  /** For `ask`: identity and target of the message it becomes. */
  readonly message: Pick<IncomingMessage, 'key' | 'target' | 'apiKey'>;
}

export type CommandReply =
  /** `ask`: the reply comes by delivery. */
  | { readonly type: 'turn'; readonly acceptance: Acceptance }
  /** Markdown for the person who asked; `everyone` where the channel should see it. */
  | { readonly type: 'notice'; readonly text: string; readonly audience: 'asker' | 'everyone' };

/** What became of the wish for another answer. `text` is a sentence for the person. */
export type Regeneration =
  | { readonly type: 'accepted' }
  | {
      readonly type: 'refused';
      /** `nothing`: the turn is unknown or forgotten. */
      readonly reason: 'nothing' | 'not-finished' | 'turn-limit' | 'token-limit';
      readonly text: string;
      /** `turn-limit`, `token-limit`: milliseconds until the person may ask again. */
      readonly retryAfterMs?: number;
    };

/** A control under one of the bot's messages, as it was pressed. */
export interface PressedControl {
  readonly platform: string;
  readonly messageId: string;
  /** The turn that the control names, which anybody may have made up. */
  readonly claimed: TurnId;
}

/** What adapters hand in. Each call may be repeated without harm; each resolves after the commit. */
export interface Inbox {
  /** @throws {ExpectedFailure} `setup`, retryable, where database or queue is out of reach: do not acknowledge */
  accept(message: IncomingMessage): Promise<Acceptance>;
  command(invocation: CommandInvocation): Promise<CommandReply>;
  /** At most 25 values of an option that start with, or contain, `typed`. */
  suggest(kind: 'models' | 'personas', typed: string): Promise<readonly string[]>;

  settings(address: Address): Promise<EffectiveSettings>;
  /** True once the bot has answered, or is answering, at this address. */
  takesPart(address: Address): Promise<boolean>;
  /** The turn a part of whose reply is this platform message. */
  turnOfPart(platform: string, messageId: string): Promise<TurnView | null>;
  /**
   * The turn of a control, or null where the message is no part of the turn that it claims. Who presses at once may be
   * ahead of the worker that stores which message it posted: that is waited for, for some 10 s.
   *
   * @throws `signal.reason` on abort
   */
  turnOfControl(control: PressedControl, signal: AbortSignal): Promise<TurnView | null>;

  /** False where the turn had ended. */
  stop(turnId: TurnId): Promise<boolean>;
  /** Answers a turn again. @param language - of the sentence where it is refused */
  regenerate(turnId: TurnId, language: Language): Promise<Regeneration>;
  /** Whether someone may stop a turn, or have it answered again: whoever asked, or may change settings there. */
  mayActOn(turn: Pick<TurnView, 'authorKey'>, actor: Actor): boolean;
  /** Stores 👍 (1) or 👎 (-1); 0 takes it back. @param comment - as TurnStore.vote has it */
  vote(turnId: TurnId, author: Author, vote: -1 | 0 | 1, comment?: string): Promise<void>;

  /** A person edited or deleted a message. One that was never recorded is passed over. */
  edited(platform: string, channel: string, platformMessageId: string, text: string): Promise<void>;
  deleted(platform: string, channel: string, platformMessageId: string): Promise<void>;

  /** The bot was put out of a place: the turns whose target holds all that `target` does end, and are not retried. */
  abandon(target: DeliveryTarget): Promise<void>;
}
