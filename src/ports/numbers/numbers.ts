/** What is asked of the numbers. Days are UTC, as in `2026-11-21`. */
export interface NumbersQuery {
  readonly from: string;
  /** The last day, included. */
  readonly to: string;
  /** null: all together. */
  readonly platform: string | null;
  /** An alias; null: all together. */
  readonly model: string | null;
  /** Whether people are to be named: never unasked. */
  readonly names: boolean;
}

/** Tokens as the models counted them. */
export interface TokenCounts {
  /** Of prompts, `cached` included. */
  readonly prompt: number;
  readonly cached: number;
  readonly reply: number;
  /** Of prompts and replies that regenerations replaced. */
  readonly replaced: number;
}

/** Half, and 95 of 100, of the values are at most so large: within 5%, since they are counted in steps of 10%. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** null where nothing was measured. Times in milliseconds. */
export interface Spreads {
  /** From the request to the model until its first token. */
  readonly firstTokenMs: Spread | null;
  /** From the question until the platform showed text of the answer. */
  readonly firstTextMs: Spread | null;
  /** Turns of one conversation on one day. */
  readonly conversationTurns: Spread | null;
}

export interface DayNumbers extends Spreads {
  readonly day: string;
  readonly turns: number;
  readonly failed: number;
  readonly users: number;
  readonly conversations: number;
  readonly tokens: TokenCounts;
  /** As of a model. */
  readonly tokensPerSecond: number | null;
}

export interface PlatformDay {
  readonly day: string;
  readonly platform: string;
  readonly turns: number;
  readonly users: number;
}

export interface ModelNumbers {
  /** Empty where no model came to be chosen. */
  readonly model: string;
  readonly turns: number;
  readonly tokens: TokenCounts;
  /** Tokens of replies for each second they took; null where none was timed. */
  readonly tokensPerSecond: number | null;
}

export interface OutcomeNumbers {
  readonly outcome: 'done' | 'failed' | 'cancelled' | 'open';
  /** Why it failed; null where it did not. */
  readonly kind: string | null;
  readonly turns: number;
}

export interface FeedbackNumbers {
  readonly model: string;
  /** Empty where it is not known. */
  readonly persona: string;
  readonly up: number;
  readonly down: number;
}

/** Somebody who asked, in the range and under the filters. */
export interface PersonNumbers {
  /** See `Author.key` in domain/address.ts. */
  readonly key: string;
  /** As the platform showed it last; empty where that was forgotten. */
  readonly name: string;
  readonly turns: number;
  /** Of prompts and replies. */
  readonly tokens: number;
}

/** Turns count on the day they were asked. Nothing of it names a person but `people`. */
export interface Numbers {
  /** The last day that was added up; later ones are counted as they are now. Null before the first. */
  readonly rolledUpTo: string | null;
  /** People who asked in the range, each counted once. */
  readonly users: number;
  /** Conversations that went on in the range, each counted once. */
  readonly conversations: number;
  /** Turns of these, from their first to the end of the range, with whichever model; exact. */
  readonly conversationLength: Spread | null;
  /** Days on which something was said, oldest first. */
  readonly days: readonly DayNumbers[];
  readonly platforms: readonly PlatformDay[];
  readonly models: readonly ModelNumbers[];
  readonly outcomes: readonly OutcomeNumbers[];
  readonly feedback: readonly FeedbackNumbers[];
  /** Of the whole range. */
  readonly spreads: Spreads;
  /** What there is to filter by in the range; without turns that no model came to be chosen for. */
  readonly choices: { readonly platforms: readonly string[]; readonly models: readonly string[] };
  /** Who asked most, at most 50; null where nobody asked for names. */
  readonly people: readonly PersonNumbers[] | null;
}

/** Conversations in numbers, by day. */
export interface NumbersStore {
  /** @throws {ExpectedFailure} `setup`, retryable, where the store is out of reach */
  read(query: NumbersQuery): Promise<Numbers>;
  /**
   * Days that are over and not added up yet, or changed since, oldest first; at most 32.
   *
   * @throws {ExpectedFailure} as `read`
   */
  due(): Promise<readonly string[]>;
  /** Adds up one day, in place of what was added up of it before. */
  rollUp(day: string): Promise<void>;
}
