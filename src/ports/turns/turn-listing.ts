import type { FailureKind } from '../../domain/failure.js';
import type { TurnId } from '../../domain/turn.js';

/** What a list of turns is about. */
export type ListedState = 'pending' | 'running' | 'failed';

/** One turn for an operator: what happened to it, and what was said only where that was asked for. */
export interface ListedTurn {
  readonly id: TurnId;
  readonly state: ListedState;
  /** See `addressKey` in domain/address.ts. */
  readonly place: string;
  readonly author: { readonly key: string; readonly name: string };
  /** The alias that the message itself asked for; null where settings decide. */
  readonly askedModel: string | null;
  readonly attempt: number;
  /** Null unless the turn failed; `notice` is the sentence its asker saw. */
  readonly failure: { readonly kind: FailureKind | 'bug'; readonly notice: string } | null;
  /** Null unless asked for. */
  readonly text: string | null;
  readonly acceptedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface ListedTurns {
  /** Newest first. */
  readonly turns: readonly ListedTurn[];
  /** Pass it as `before` for the turns before these; null where there are none. */
  readonly earlier: TurnId | null;
}

/** Turns over all conversations, for an operator. Forgotten ones are not shown as failed. */
export interface TurnListing {
  /** @param options.limit - turns, 1 to 200 */
  page(
    state: ListedState,
    options: { readonly before?: TurnId; readonly limit: number; readonly withText: boolean },
  ): Promise<ListedTurns>;
  counts(): Promise<Readonly<Record<ListedState, number>>>;
}
