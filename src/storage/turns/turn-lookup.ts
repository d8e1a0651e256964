import type { Address } from '../../domain/address.js';
import type { SamplingParameters } from '../../domain/sampling.js';
import type { ConversationId, FinishReason, TurnId, TurnOutcome, TurnState } from '../../domain/turn.js';
import type { TurnLookup, TurnView } from '../../ports/turns/turn-lookup.js';
import { reaching } from '../database/database-failure.js';
import { atPlace } from '../database/place-row.js';
import { storable } from '../database/storable-text.js';
import type { PrismaClient, Turn } from '../generated/client.js';

export class PrismaTurnLookup implements TurnLookup {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async find(turnId: TurnId): Promise<TurnView | null> {
    const row = await reaching(this.#prisma.turn.findUnique({ where: { id: turnId } }));
    return row ? turnView(row) : null;
  }

  async findByPart(platform: string, messageId: string): Promise<TurnView | null> {
    const where = { parts: { some: { platform, messageId: storable(messageId) } } };
    const row = await reaching(this.#prisma.turn.findFirst({ where }));
    return row ? turnView(row) : null;
  }

  async latest(conversationId: ConversationId): Promise<TurnView | null> {
    // A range of one, so that the primary key gives no order to read all turns in.
    const where = { conversationId: { gte: conversationId, lte: conversationId }, forgotten: false };
    const orderBy = [{ conversationId: 'desc' }, { id: 'desc' }] as const;
    const row = await reaching(this.#prisma.turn.findFirst({ where, orderBy: [...orderBy] }));
    return row ? turnView(row) : null;
  }

  async unfinished(conversationId: ConversationId): Promise<readonly TurnView[]> {
    // States written out: a plan kept for any states would not use the index on unfinished turns.
    const found = await reaching(
      this.#prisma.$queryRaw<{ id: TurnId }[]>`
        SELECT id FROM turn WHERE conversation_id = ${conversationId} AND state IN ('pending', 'running')`,
    );
    const where = { id: { in: found.map(({ id }) => id) }, state: { in: ['pending', 'running'] } };
    return (await reaching(this.#prisma.turn.findMany({ where, orderBy: { id: 'asc' } }))).map(turnView);
  }

  async takesPart(address: Address): Promise<boolean> {
    const where = atPlace(address);
    return (await reaching(this.#prisma.conversation.findFirst({ where, select: { id: true } }))) !== null;
  }
}

/** A stored turn as the port shows it. */
function turnView(row: Turn): TurnView {
  return {
    id: row.id,
    conversationId: row.conversationId,
    state: row.state as TurnState,
    authorKey: row.authorKey,
    outcome: outcomeOf(row),
  };
}

function outcomeOf(row: Turn): TurnOutcome | null {
  if (row.state === 'cancelled') return { state: 'cancelled' };
  if (row.state === 'failed') {
    return {
      state: 'failed',
      kind: (row.failureKind ?? 'bug') as Extract<TurnOutcome, { state: 'failed' }>['kind'],
      notice: row.notice ?? '',
    };
  }
  if (row.state !== 'done' || row.model === null) return null;
  return {
    state: 'done',
    reply: row.reply,
    model: row.model,
    finishReason: (row.finishReason ?? 'stop') as FinishReason,
    usage: { prompt: row.promptTokens, cached: row.cachedTokens, reply: row.replyTokens },
    sampling: row.sampling as unknown as SamplingParameters,
    timeToFirstTokenMs: row.timeToFirstTokenMs,
    tokensPerSecond: row.tokensPerSecond,
  };
}
