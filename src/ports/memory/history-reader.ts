import type { Author } from '../../domain/address.js';
import type { FailureKind } from '../../domain/failure.js';
import type { DeliveryTarget, FinishReason, TokenUsage, TurnId, TurnState } from '../../domain/turn.js';

/** One exchange as it is stored, for people to read. */
export interface HistoryTurn {
  readonly id: TurnId;
  readonly state: TurnState;
  readonly author: Author;
  readonly text: string;
  readonly quoted: { readonly author: string; readonly text: string } | null;
  /** Empty until the turn is done, and where there was no text. */
  readonly reply: string;
  /** The alias that answered; null until the turn is done. */
  readonly model: string | null;
  readonly finishReason: FinishReason | null;
  /** Name of the persona that answered, where known. */
  readonly persona: string | null;
  readonly usage: TokenUsage;
  /** Milliseconds from the request to the model until its first token; null until the turn is done. */
  readonly timeToFirstTokenMs: number | null;
  /** Reply tokens per second after the first; null until the turn is done. */
  readonly tokensPerSecond: number | null;
  /** Set where the turn failed; `notice` is the sentence the person saw. */
  readonly failure: { readonly kind: FailureKind | 'bug'; readonly notice: string } | null;
  /** Of the person the page was read for. */
  readonly vote: { readonly vote: -1 | 1; readonly comment: string | null } | null;
  readonly acceptedAt: Date;
  readonly finishedAt: Date | null;
}

export interface HistoryPage {
  /** Oldest first. */
  readonly turns: readonly HistoryTurn[];
  /** Pass it as `before` for the turns before these; null where there are none. */
  readonly earlier: TurnId | null;
}

export interface HistoryWalk {
  /** False where there are more turns, before these. */
  readonly isWhole: boolean;
  /** Oldest first. It throws what the database does; what is forgotten meanwhile is left out. */
  readonly turns: AsyncIterable<HistoryTurn>;
}

/** Reads what conversations hold, turns left out of the prompt included. Forgotten turns are not shown. */
export interface HistoryReader {
  /**
   * The newest turns of a conversation, or the newest before `before`.
   *
   * @param conversationKey - see `conversationKey` in domain/address.ts
   * @param options - `limit`: turns, 1 to 200. `voter`: the author key whose votes are shown; nobody's where left out.
   * @returns null where nothing was ever said under that key
   */
  page(
    conversationKey: string,
    options: { readonly before?: TurnId; readonly limit: number; readonly voter?: string },
  ): Promise<HistoryPage | null>;

  /**
   * The newest `most` turns of a conversation, read some at a time: however many there are, few are in memory.
   *
   * @returns null where nothing was ever said under that key
   */
  walk(
    conversationKey: string,
    options: { readonly most: number; readonly voter?: string },
  ): Promise<HistoryWalk | null>;

  /** Where the reply to a turn goes, as its adapter handed it in; null for an unknown turn. */
  target(turnId: TurnId): Promise<DeliveryTarget | null>;
}
