import type { Author, Platform } from '../../domain/address.js';
import type { FailureKind } from '../../domain/failure.js';
import type { SamplingParameters } from '../../domain/sampling.js';
import type { ConversationId, FinishReason, TokenUsage, TurnId } from '../../domain/turn.js';

/** A finished turn with all of it that may leave the machine. */
export interface FinishedTurn {
  readonly id: TurnId;
  readonly revision: number;
  readonly conversationId: ConversationId;
  readonly platform: Platform;
  readonly workspace: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly author: Author;
  readonly text: string;
  readonly quoted: { readonly author: string; readonly text: string } | null;
  readonly state: 'done' | 'failed' | 'cancelled';
  /** Empty where the turn did not get to it. */
  readonly reply: string;
  /** The alias that answered; null where none did, like all that follows from it. */
  readonly model: string | null;
  readonly sampling: SamplingParameters | null;
  readonly finishReason: FinishReason | null;
  readonly failureKind: FailureKind | 'bug' | null;
  readonly usage: TokenUsage;
  readonly timeToFirstTokenMs: number | null;
  readonly tokensPerSecond: number | null;
  readonly acceptedAt: Date;
  readonly finishedAt: Date;
}

/** Turns as they are handed to the outside. */
export interface TurnExports {
  /** Finished turns whose export is due, oldest first, at most `limit`. */
  unexported(limit: number): Promise<readonly TurnId[]>;
  /** Null where the turn is unknown, forgotten, exported, or not finished: its end will bring it up again. */
  read(turnId: TurnId): Promise<FinishedTurn | null>;
  /** Marks the turn exported, unless it was regenerated meanwhile: then its next revision is still due. */
  markExported(turnId: TurnId, revision: number): Promise<void>;
  /** Marks all turns exported that had finished before `moment`. Returns how many. */
  skipFinishedBefore(moment: Date): Promise<number>;
}
