import type { Author } from '../../domain/address.js';
import type { Language } from '../../domain/settings.js';
import type { TurnId } from '../../domain/turn.js';
import type { Actor } from './inbox.js';
import type { TurnView } from './turn-lookup.js';

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

/** What people do to replies. Each call may be repeated without harm; each resolves after the commit. */
export interface TurnActions {
  /**
   * The turn of a control, or null where the message is no part of the turn that it claims. Who presses at once may be
   * ahead of the worker that stores which message it posted: that is waited for, for some 10 s.
   *
   * @throws `signal.reason` on abort
   */
  turnOfControl(control: PressedControl, signal: AbortSignal): Promise<TurnView | null>;
  /** Whether someone may stop a turn, or have it answered again: whoever asked, or may change settings there. */
  mayActOn(turn: Pick<TurnView, 'authorKey'>, actor: Actor): boolean;
  /** False where the turn had ended. */
  stop(turnId: TurnId): Promise<boolean>;
  /** Answers a turn again. @param language - of the sentence where it is refused */
  regenerate(turnId: TurnId, language: Language): Promise<Regeneration>;
  /** Stores 👍 (1) or 👎 (-1); 0 takes it back. @param comment - as TurnVotes.cast has it */
  vote(turnId: TurnId, author: Author, vote: -1 | 0 | 1, comment?: string): Promise<void>;
}
