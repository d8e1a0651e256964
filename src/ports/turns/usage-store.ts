import type { ApiKeyLimits } from '../../domain/api-key.js';
import type { TurnId } from '../../domain/turn.js';

export interface UsageTotals {
  readonly turns: number;
  readonly promptTokens: number;
  readonly replyTokens: number;
  /** Read and written for answers that a regeneration replaced. */
  readonly replacedTokens: number;
}

/** What an API key allows, and what of it is used; 0 where there is no limit. */
export interface ApiKeyUsage {
  readonly limits: ApiKeyLimits;
  readonly used: { readonly turns: number; readonly tokens: number };
}

/** What people used, from the turns themselves. */
export interface UsageStore {
  /**
   * Turns an author began, or had answered again, and tokens (prompt and reply, replaced answers included) they used,
   * within the last so many ms by the store's clock. Of second answers, those to turns begun within a day before are counted, and those to `alsoTurn`.
   * Tokens count when they are used, from the first turn on that began within them.
   */
  recent(
    authorKey: string,
    turnsWithinMs: number,
    tokensWithinMs: number,
    alsoTurn?: TurnId,
  ): Promise<{ readonly turns: number; readonly tokens: number }>;
  /** Of the API key that a turn was asked with, counted likewise; null where it was asked with none. */
  ofApiKey(turnId: TurnId, turnsWithinMs: number, tokensWithinMs: number): Promise<ApiKeyUsage | null>;
  /** What an author's turns since a moment used. */
  byAuthor(authorKey: string, since: Date): Promise<UsageTotals>;
}
