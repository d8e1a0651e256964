import type { TurnId } from '../../domain/turn.js';
import type { ApiKeyUsage, UsageStore, UsageTotals } from '../../ports/turns/usage-store.js';
import { reaching } from '../database/database-failure.js';
import { storable } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { byApiKey, byAuthor, tokensUsed, turnsUsed } from './author-usage.js';

interface RecentRow {
  readonly turns: bigint;
  readonly tokens: bigint;
}

interface ApiKeyRow {
  readonly turns_per_minute: number | null;
  readonly tokens_per_day: number | null;
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
    const by = byAuthor(storable(authorKey));
    const [row] = await reaching(
      this.#prisma.$queryRaw<RecentRow[]>`
        SELECT ${turnsUsed(by, turnsWithinMs, alsoTurn)} AS turns, ${tokensUsed(by, tokensWithinMs)} AS tokens`,
    );
    return { turns: Number(row?.turns ?? 0), tokens: Number(row?.tokens ?? 0) };
  }

  async ofApiKey(turnId: TurnId, turnsWithinMs: number, tokensWithinMs: number): Promise<ApiKeyUsage | null> {
    const by = byApiKey(Prisma.sql`api_key.id`);
    const [row] = await reaching(
      this.#prisma.$queryRaw<(RecentRow & ApiKeyRow)[]>`
        SELECT turns_per_minute, tokens_per_day,
               CASE WHEN turns_per_minute IS NULL THEN 0 ELSE ${turnsUsed(by, turnsWithinMs, turnId)} END AS turns,
               CASE WHEN tokens_per_day IS NULL THEN 0 ELSE ${tokensUsed(by, tokensWithinMs)} END AS tokens
        FROM api_key WHERE id = (SELECT key_id FROM turn WHERE turn.id = ${turnId})`,
    );
    if (!row) return null;
    const limits = { turnsPerMinute: row.turns_per_minute, tokensPerDay: row.tokens_per_day };
    return { limits, used: { turns: Number(row.turns), tokens: Number(row.tokens) } };
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
