import type { Address, Author } from '../../domain/address.js';
import type { CommandName, CommandValues } from '../../domain/commands.js';
import type { ConversationId, IncomingMessage, TurnId } from '../../domain/turn.js';

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

/** What people say and ask for, handed in. Each call may be repeated without harm; each resolves after the commit. */
export interface Inbox {
  /** @throws {ExpectedFailure} `setup`, retryable, where database or queue is out of reach: do not acknowledge */
  accept(message: IncomingMessage): Promise<Acceptance>;
  command(invocation: CommandInvocation): Promise<CommandReply>;
  /** At most 25 values of an option that start with, or contain, `typed`. */
  suggest(kind: 'models' | 'personas', typed: string): Promise<readonly string[]>;
}
