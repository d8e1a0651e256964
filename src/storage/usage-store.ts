import type { UsageStore, UsageTotals } from '../ports/usage-store.js';
import { reaching } from './database-failure.js';
import type { Prisma, PrismaClient } from './generated/client.js';
import { storable } from './storable-text.js';

interface RecentRow {
  readonly turns: bigint;
  readonly tokens: bigint;
}

/** Usage is not kept beside the turns: it is added up from them, by the index on author and time. */
export class PrismaUsageStore implements UsageStore {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async recent(
    authorKey: string,
    turnsSince: Date,
    tokensSince: Date,
  ): Promise<{ turns: number; tokens: number }> {
    const since = new Date(Math.min(turnsSince.getTime(), tokensSince.getTime()));
    const [row] = await reaching(
      this.#prisma.$queryRaw<RecentRow[]>`
        SELECT count(*) FILTER (WHERE created_at >= ${turnsSince}) AS turns,
               coalesce(sum(prompt_tokens + reply_tokens + replaced_tokens) FILTER (WHERE created_at >= ${tokensSince}), 0)::bigint AS tokens
        FROM turn WHERE author_key = ${storable(authorKey)} AND created_at >= ${since}`,
    );
    return { turns: Number(row?.turns ?? 0), tokens: Number(row?.tokens ?? 0) };
  }

  byAuthor(authorKey: string, since: Date): Promise<UsageTotals> {
    return this.#totals({ authorKey: storable(authorKey), createdAt: { gte: since } });
  }

  byConversation(conversationId: number, since: Date): Promise<UsageTotals> {
    return this.#totals({ conversationId, createdAt: { gte: since } });
  }

  async #totals(where: Prisma.TurnWhereInput): Promise<UsageTotals> {
    const { _count: turns, _sum: sum } = await reaching(
      this.#prisma.turn.aggregate({ where, _count: true, _sum: { promptTokens: true, replyTokens: true } }),
    );
    return { turns, promptTokens: sum.promptTokens ?? 0, replyTokens: sum.replyTokens ?? 0 };
  }
}
