import type { Address, Author, Platform } from './address.js';
import type { ApiKeyId } from './api-key.js';
import type { FailureKind } from './failure.js';
import type { Prompt } from './prompt.js';
import type { SamplingOverrides, SamplingParameters } from './sampling.js';

/** Row ids; positive, rising in the order of acceptance. */
export type TurnId = number;
export type ConversationId = number;

export type TurnState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled';

/** Why a reply ended. */
export type FinishReason = 'stop' | 'length' | 'stopped' /* by a person */ | 'content-filter';

/** Tokens of one turn. `cached` of the `prompt` tokens were not evaluated again. */
export interface TokenUsage {
  readonly prompt: number;
  readonly cached: number;
  readonly reply: number;
}

/** What an adapter needs to put the reply on its platform: plain JSON that only that adapter reads. */
export type DeliveryTarget = { readonly platform: Platform } & {
  /** The platform shows that a reply is coming, until there is one: a turn that is dropped must end that. */
  readonly awaited?: boolean;
  /** The question, where the platform does not show it and the reply has to: it is forgotten with the message. */
  readonly question?: string;
  /**
   * A secret of the platform that works for a while. Its texts are encrypted where it is stored, and it is erased some
   * time after it ran out and the turn has ended.
   */
  readonly credential?: {
    readonly expiresAt: number /* ms since 1970 */;
    readonly [key: string]: string | number | boolean;
  };
  readonly [key: string]: unknown;
};

/** What a message quotes. */
export interface Quote {
  readonly author: string;
  readonly text: string;
  /** Keys of those whose words these are, where known: the quote goes when one of them is forgotten. */
  readonly authorKeys?: readonly string[];
  /** The platform's ids of the messages these words are from, all in the same channel, where known. */
  readonly messageIds?: readonly string[];
}

/** One message a person sent to the bot, as an adapter hands it in. */
export interface IncomingMessage {
  /** Identity on its platform. The same key accepted twice is one message and one turn. */
  readonly key: string;
  /** The platform's id of the message where it has one: edits and deletions name it. */
  readonly platformMessageId?: string;
  readonly address: Address;
  readonly author: Author;
  /** What was said, the bot's own mention removed. */
  readonly text: string;
  /** The message replied to, or the target of a context-menu command. */
  readonly quoted?: Quote;
  readonly target: DeliveryTarget;
  /** The API key it was asked with: its limits count beside the author's. */
  readonly apiKey?: ApiKeyId;
  /** Model alias asked for in this message alone. */
  readonly model?: string;
  readonly sampling?: SamplingOverrides;
  /** W3C `traceparent` of what brought it here, where that is traced. */
  readonly trace?: string;
  /** The whole prompt, in place of persona, memory and `text`, which is empty: nothing of it is remembered. */
  readonly prompt?: Prompt;
  /** The turn that this message takes the place of: it and all after it in the conversation are forgotten. */
  readonly replaces?: TurnId;
  /** Found by looking for it after a time away: what people wrote then is taken in at once, whatever its rate. */
  readonly writtenEarlier?: boolean;
}

/** A turn that this worker holds: no other worker runs it while the lease lasts. */
export interface ClaimedTurn {
  readonly id: TurnId;
  readonly conversationId: ConversationId;
  /** Rises with each claim; writes of an older attempt are refused. */
  readonly attempt: number;
  /** Rises with each regeneration. */
  readonly revision: number;
  readonly address: Address;
  readonly author: Author;
  readonly text: string;
  readonly quoted: { readonly author: string; readonly text: string } | null;
  readonly target: DeliveryTarget;
  readonly model: string | null;
  readonly sampling: SamplingOverrides;
  readonly parts: readonly PostedPart[];
  readonly acceptedAt: Date;
  /** The whole prompt, where one was given with the message. */
  readonly prompt?: Prompt;
  /** A person asked to stop this turn before or while it ran. */
  readonly stopRequested: boolean;
  /** Its text was forgotten: it is not answered, but what its asker was shown must end. */
  readonly forgotten: boolean;
  /** What an earlier attempt generated for this revision and did not finish delivering. */
  readonly kept: GeneratedReply | null;
  /** W3C `traceparent` of its acceptance, where that was traced. */
  readonly trace?: string;
}

/** One platform message of a reply. `index` counts from 0. */
export interface PostedPart {
  readonly index: number;
  /** The platform's id of the message, or `UNTOLD_MESSAGE`. */
  readonly messageId: string;
}

/** Stands for the id of a message that is being posted: whoever finds it later must ask whether it is there. */
export const UNTOLD_MESSAGE = '';

/** What a model made of a turn. */
export interface GeneratedReply {
  readonly reply: string;
  /** The alias that answered. */
  readonly model: string;
  readonly finishReason: FinishReason;
  readonly usage: TokenUsage;
  readonly sampling: SamplingParameters;
  /** Milliseconds from the request to the model until its first token. */
  readonly timeToFirstTokenMs: number | null;
  /** Reply tokens per second after the first. */
  readonly tokensPerSecond: number | null;
}

/** What is known of how a turn was answered, whatever came of it. Null: not yet, or not in this attempt. */
export interface AnswerFacts {
  /** Name of the persona that answers. */
  readonly persona: string | null;
  /** Milliseconds from acceptance until the platform took the first of the text; of the first answer alone. */
  readonly firstTextMs: number | null;
}

/** How a turn ended, with all that is kept of it. `notice` is the sentence the person saw. */
export type TurnOutcome =
  | ({ readonly state: 'done' } & GeneratedReply)
  | { readonly state: 'failed'; readonly kind: FailureKind | 'bug'; readonly notice: string }
  | { readonly state: 'cancelled' };

/** One exchange of the past, as memory gives it back. */
export interface RememberedTurn {
  readonly id: TurnId;
  readonly author: Author;
  readonly text: string;
  readonly quoted: { readonly author: string; readonly text: string } | null;
  /** Empty where the turn failed or was stopped before any text. */
  readonly reply: string;
}
