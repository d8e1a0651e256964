import type { Platform } from '../../domain/address.js';
import type { FailureKind } from '../../domain/failure.js';
import type { SamplingParameters } from '../../domain/sampling.js';
import type { FinishReason, TurnId } from '../../domain/turn.js';
import type { FinishedTurn, TurnExports } from '../../ports/turns/turn-exports.js';
import { reaching } from '../database/database-failure.js';
import type { PrismaClient } from '../generated/client.js';

const FINISHED = ['done', 'failed', 'cancelled'];

export class PrismaTurnExports implements TurnExports {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async unexported(limit: number): Promise<readonly TurnId[]> {
    const where = { state: { in: FINISHED }, exportedAt: null, forgotten: false };
    const select = { id: true };
    return (
      await reaching(this.#prisma.turn.findMany({ where, select, orderBy: { id: 'asc' }, take: limit }))
    ).map(({ id }) => id);
  }

  async read(turnId: TurnId): Promise<FinishedTurn | null> {
    const row = await reaching(
      this.#prisma.turn.findFirst({
        where: { id: turnId, state: { in: FINISHED }, forgotten: false, exportedAt: null },
        include: { message: true, conversation: true },
      }),
    );
    if (!row?.finishedAt) return null;
    const { message, conversation } = row;
    return {
      id: row.id,
      revision: row.revision,
      conversationId: row.conversationId,
      platform: conversation.platform as Platform,
      workspace: conversation.workspace,
      channel: conversation.channel,
      thread: conversation.thread,
      author: { key: message.authorKey, id: message.authorId, name: message.authorName },
      text: message.text,
      quoted:
        message.quotedText === null ? null : { author: message.quotedAuthor ?? '', text: message.quotedText },
      state: row.state as FinishedTurn['state'],
      reply: row.reply,
      model: row.model,
      sampling: row.sampling as SamplingParameters | null,
      finishReason: row.finishReason as FinishReason | null,
      failureKind: row.failureKind as FailureKind | 'bug' | null,
      usage: { prompt: row.promptTokens, cached: row.cachedTokens, reply: row.replyTokens },
      timeToFirstTokenMs: row.timeToFirstTokenMs,
      tokensPerSecond: row.tokensPerSecond,
      acceptedAt: row.createdAt,
      finishedAt: row.finishedAt,
    };
  }

  async markExported(turnId: TurnId, revision: number): Promise<void> {
    await reaching(
      this.#prisma.turn.updateMany({ where: { id: turnId, revision }, data: { exportedAt: new Date() } }),
    );
  }

  async skipFinishedBefore(moment: Date): Promise<number> {
    const { count } = await reaching(
      this.#prisma.turn.updateMany({
        where: { state: { in: FINISHED }, exportedAt: null, finishedAt: { lt: moment } },
        data: { exportedAt: moment },
      }),
    );
    return count;
  }
}
