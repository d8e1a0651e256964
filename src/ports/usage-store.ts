export interface UsageTotals {
  readonly turns: number;
  readonly promptTokens: number;
  readonly replyTokens: number;
}

/** What people used, from the turns themselves. */
export interface UsageStore {
  /** Turns an author began, and tokens (prompt and reply, replaced answers included) they used, since each moment. */
  recent(
    authorKey: string,
    turnsSince: Date,
    tokensSince: Date,
  ): Promise<{ readonly turns: number; readonly tokens: number }>;
  byAuthor(authorKey: string, since: Date): Promise<UsageTotals>;
  byConversation(conversationId: number, since: Date): Promise<UsageTotals>;
}
