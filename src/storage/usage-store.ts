import type { TurnId } from '../domain/turn.js';
import type { UsageStore, UsageTotals } from '../ports/usage-store.js';
import { tokensUsed, turnsUsed } from './author-usage.js';
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
    turnsWithinMs: number,
    tokensWithinMs: number,
    alsoTurn?: TurnId,
  ): Promise<{ turns: number; tokens: number }> {
    const key = storable(authorKey);
    const [row] = await reaching(
      this.#prisma.$queryRaw<RecentRow[]>`
        SELECT ${turnsUsed(key, turnsWithinMs, alsoTurn)} AS turns, ${tokensUsed(key, tokensWithinMs)} AS tokens`,
    );
    return { turns: Number(row?.turns ?? 0), tokens: Number(row?.tokens ?? 0) };
  }

  byAuthor(authorKey: string, since: Date): Promise<UsageTotals> {
    return this.#totals({ authorKey: storable(authorKey), createdAt: { gte: since } });
  }

  async #totals(where: Prisma.TurnWhereInput): Promise<UsageTotals> {
    const { _count: turns, _sum: sum } = await reaching(
      this.#prisma.turn.aggregate({
        where,
        _count: true,
        _sum: { promptTokens: true, replyTokens: true, replacedTokens: true },
      }),
    );
    return {
      turns,
      promptTokens: sum.promptTokens ?? 0,
      replyTokens: sum.replyTokens ?? 0,
      replacedTokens: sum.replacedTokens ?? 0,
    };
  }
}
