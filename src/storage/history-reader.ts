import type { FailureKind } from '../domain/failure.js';
import type { DeliveryTarget, FinishReason, TurnId, TurnState } from '../domain/turn.js';
import type { HistoryPage, HistoryReader, HistoryTurn } from '../ports/history-reader.js';
import { reaching } from './database-failure.js';
import type { Prisma, PrismaClient } from './generated/client.js';
import { storable } from './storable-text.js';

type TurnWithMessage = Prisma.TurnGetPayload<{ include: { message: true } }>;

export class PrismaHistoryReader implements HistoryReader {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async page(
    conversationKey: string,
    { before, limit }: { readonly before?: TurnId; readonly limit: number },
  ): Promise<HistoryPage | null> {
    const place = await reaching(
      this.#prisma.conversation.findUnique({
        where: { key: storable(conversationKey) },
        select: { id: true },
      }),
    );
    if (!place) return null;
    const rows = await reaching(
      this.#prisma.turn.findMany({
        where: {
          conversationId: place.id,
          forgotten: false,
          ...(before === undefined ? {} : { id: { lt: before } }),
        },
        include: { message: true },
        orderBy: { id: 'desc' },
        take: limit + 1,
      }),
    );
    const turns = rows.slice(0, limit).reverse().map(historyTurn);
    return { turns, earlier: rows.length > limit ? (turns[0]?.id ?? null) : null };
  }

  async target(turnId: TurnId): Promise<DeliveryTarget | null> {
    const row = await reaching(
      this.#prisma.turn.findUnique({ where: { id: turnId }, select: { target: true } }),
    );
    return row ? (row.target as DeliveryTarget) : null;
  }
}

function historyTurn(row: TurnWithMessage): HistoryTurn {
  const { message } = row;
  return {
    id: row.id,
    state: row.state as TurnState,
    author: { key: message.authorKey, id: message.authorId, name: message.authorName },
    text: message.text,
    quoted:
      message.quotedText === null ? null : { author: message.quotedAuthor ?? '', text: message.quotedText },
    reply: row.state === 'done' ? row.reply : '',
    model: row.state === 'done' ? row.model : null,
    finishReason: row.state === 'done' ? (row.finishReason as FinishReason | null) : null,
    usage: { prompt: row.promptTokens, cached: row.cachedTokens, reply: row.replyTokens },
    failure:
      row.state === 'failed'
        ? { kind: (row.failureKind ?? 'bug') as FailureKind | 'bug', notice: row.notice ?? '' }
        : null,
    acceptedAt: row.createdAt,
    finishedAt: row.finishedAt,
  };
}
