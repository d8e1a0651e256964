import type { FailureKind } from '../../domain/failure.js';
import type { DeliveryTarget, FinishReason, TurnId, TurnState } from '../../domain/turn.js';
import type {
  HistoryPage,
  HistoryReader,
  HistoryTurn,
  HistoryWalk,
} from '../../ports/memory/history-reader.js';
import { reaching } from '../database/database-failure.js';
import { storable } from '../database/storable-text.js';
import type { Prisma, PrismaClient } from '../generated/client.js';

type TurnWithMessage = Prisma.TurnGetPayload<{ include: { message: true } }>;

/** Turns read at once while a conversation is walked through. */
const AT_ONCE = 200;

export class PrismaHistoryReader implements HistoryReader {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async page(
    conversationKey: string,
    { before, limit, voter }: { readonly before?: TurnId; readonly limit: number; readonly voter?: string },
  ): Promise<HistoryPage | null> {
    const place = await this.#place(conversationKey);
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
    const shown = rows.slice(0, limit).reverse();
    const votes = await this.#votes(shown, voter);
    const turns = shown.map((row) => historyTurn(row, votes.get(row.id) ?? null));
    return { turns, earlier: rows.length > limit ? (turns[0]?.id ?? null) : null };
  }

  async walk(
    conversationKey: string,
    { most, voter }: { readonly most: number; readonly voter?: string },
  ): Promise<HistoryWalk | null> {
    const place = await this.#place(conversationKey);
    if (!place) return null;
    const where = { conversationId: place.id, forgotten: false };
    const [before] = await reaching(
      this.#prisma.turn.findMany({
        where,
        select: { id: true },
        orderBy: { id: 'desc' },
        skip: most,
        take: 1,
      }),
    );
    return { isWhole: before === undefined, turns: this.#after(before?.id ?? 0, where, voter) };
  }

  async *#after(
    id: TurnId,
    where: { readonly conversationId: number; readonly forgotten: boolean },
    voter: string | undefined,
  ): AsyncGenerator<HistoryTurn> {
    for (let last = id; ; ) {
      const rows: TurnWithMessage[] = await reaching(
        this.#prisma.turn.findMany({
          where: { ...where, id: { gt: last } },
          include: { message: true },
          orderBy: { id: 'asc' },
          take: AT_ONCE,
        }),
      );
      const votes = await this.#votes(rows, voter);
      for (const row of rows) yield historyTurn(row, votes.get(row.id) ?? null);
      if (rows.length < AT_ONCE) return;
      last = rows.at(-1)?.id ?? last;
    }
  }

  #place(conversationKey: string): Promise<{ readonly id: number } | null> {
    const where = { key: storable(conversationKey) };
    return reaching(this.#prisma.conversation.findUnique({ where, select: { id: true } }));
  }

  async #votes(turns: readonly { readonly id: TurnId }[], voter: string | undefined) {
    if (voter === undefined || turns.length === 0) return new Map<TurnId, HistoryTurn['vote']>();
    const where = { turnId: { in: turns.map(({ id }) => id) }, authorKey: storable(voter) };
    const rows = await reaching(this.#prisma.vote.findMany({ where }));
    return new Map(
      rows.map(({ turnId, vote, comment }) => [turnId, { vote: vote === 1 ? 1 : -1, comment }] as const),
    );
  }

  async target(turnId: TurnId): Promise<DeliveryTarget | null> {
    const row = await reaching(
      this.#prisma.turn.findUnique({ where: { id: turnId }, select: { target: true } }),
    );
    return row ? (row.target as DeliveryTarget) : null;
  }
}

function historyTurn(row: TurnWithMessage, vote: HistoryTurn['vote']): HistoryTurn {
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
    persona: row.persona,
    timeToFirstTokenMs: row.state === 'done' ? row.timeToFirstTokenMs : null,
    tokensPerSecond: row.state === 'done' ? row.tokensPerSecond : null,
    usage: { prompt: row.promptTokens, cached: row.cachedTokens, reply: row.replyTokens },
    failure:
      row.state === 'failed'
        ? { kind: (row.failureKind ?? 'bug') as FailureKind | 'bug', notice: row.notice ?? '' }
        : null,
    vote,
    acceptedAt: row.createdAt,
    finishedAt: row.finishedAt,
  };
}
