import type { Address, MemoryScope } from '../../domain/address.js';
import type {
  AnswerFacts,
  ClaimedTurn,
  ConversationId,
  DeliveryTarget,
  GeneratedReply,
  IncomingMessage,
  PostedPart,
  TurnId,
  TurnOutcome,
} from '../../domain/turn.js';
import type {
  AbandonedTurns,
  AuthorLimits,
  Backlog,
  NotReplaced,
  OverdueConversation,
  OverLimit,
  RecordedTurn,
  TurnStore,
  TurnView,
  WaitingTurn,
} from '../../ports/turns/turn-store.js';
import { reaching } from '../database/database-failure.js';
import { atPlace } from '../database/place-row.js';
import { retryingConflicts } from '../database/retrying-conflicts.js';
import { storable } from '../database/storable-text.js';
import type { PrismaClient } from '../generated/client.js';
import { abandonTurns } from './abandon-turns.js';
import { readBacklog } from './backlog.js';
import { claimTurn } from './claim-turn.js';
import { eraseCredentials } from './erase-credentials.js';
import { overdueConversations } from './overdue-conversations.js';
import { recordTurn } from './record-turn.js';
import { recordVote } from './record-vote.js';
import { regenerateTurn } from './regenerate-turn.js';
import { replaceTurns } from './replace-turns.js';
import { recordPart, removePart } from './reply-parts.js';
import type { CredentialBoxes } from './sealed-credentials.js';
import { turnView } from './turn-view.js';
import { recordWaitingPart, takeWaitingTurns } from './waiting-turns.js';
import { writeReply, writtenFacts } from './write-reply.js';

const UNFINISHED = ['pending', 'running'];
const FINISHED = ['done', 'failed', 'cancelled'];

/** The queue of record. A write of a claimed turn holds only while its attempt does. */
export class PrismaTurnStore implements TurnStore {
  readonly #prisma: PrismaClient;
  readonly #boxes: CredentialBoxes;
  readonly #onForgotten: (conversationId: ConversationId) => void;

  /**
   * @param boxes - default: no credential is stored
   * @param onForgotten - told of each conversation that lost text: what else was kept of it must go too
   */
  constructor(
    prisma: PrismaClient,
    boxes: CredentialBoxes = new Map(),
    onForgotten: (conversationId: ConversationId) => void = () => {},
  ) {
    this.#prisma = prisma;
    this.#boxes = boxes;
    this.#onForgotten = onForgotten;
  }

  record(message: IncomingMessage, scope: MemoryScope): Promise<RecordedTurn>;
  record(
    message: IncomingMessage,
    scope: MemoryScope,
    limits: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit>;
  record(
    message: IncomingMessage,
    scope: MemoryScope,
    limits?: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit> {
    return reaching(recordTurn(this.#prisma, this.#boxes, message, scope, limits));
  }

  async replace(
    replaced: TurnId,
    message: IncomingMessage,
    scope: MemoryScope,
    limits: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit | NotReplaced> {
    const result = await reaching(
      retryingConflicts(() =>
        replaceTurns(this.#prisma, replaced, (within) =>
          recordTurn(within, this.#boxes, message, scope, limits),
        ),
      ),
    );
    if ('created' in result && result.created) this.#onForgotten(result.conversationId);
    return result;
  }

  claimNext(conversationId: ConversationId, owner: string, leaseMs: number): Promise<ClaimedTurn | null> {
    return reaching(claimTurn(this.#prisma, this.#boxes, conversationId, owner, leaseMs));
  }

  takeWaiting(conversationId: ConversationId, limit: number): Promise<readonly WaitingTurn[]> {
    return reaching(takeWaitingTurns(this.#prisma, this.#boxes, conversationId, limit));
  }

  async recordWaitingPart(turn: WaitingTurn, part: PostedPart): Promise<boolean> {
    return (await reaching(recordWaitingPart(this.#prisma, turn, part))) > 0;
  }

  async renew(turn: ClaimedTurn, leaseMs: number): Promise<{ held: boolean; stopRequested: boolean }> {
    const rows = await reaching(
      this.#prisma.$queryRaw<{ stop_requested: boolean }[]>`
        UPDATE turn SET lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
        WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'
        RETURNING stop_requested`,
    );
    return { held: rows.length > 0, stopRequested: rows[0]?.stop_requested ?? false };
  }

  async recordPart(turn: ClaimedTurn, part: PostedPart): Promise<boolean> {
    return (await reaching(recordPart(this.#prisma, turn, part))) > 0;
  }

  async removePart(turn: ClaimedTurn, index: number): Promise<void> {
    await reaching(removePart(this.#prisma, turn, index));
  }

  keepReply(turn: ClaimedTurn, reply: GeneratedReply, facts?: AnswerFacts): Promise<boolean> {
    return reaching(writeReply(this.#prisma, turn, reply, 'running', facts));
  }

  async finish(turn: ClaimedTurn, outcome: TurnOutcome, facts?: AnswerFacts): Promise<boolean> {
    if (outcome.state === 'done') return reaching(writeReply(this.#prisma, turn, outcome, 'done', facts));
    const failed = outcome.state === 'failed' ? outcome : null;
    const written = await reaching(
      this.#prisma.$executeRaw`
        UPDATE turn SET state = ${outcome.state}, failure_kind = ${failed?.kind ?? null},
               notice = ${failed ? storable(failed.notice) : null},
               reply = '', model = NULL, sampling = NULL, finish_reason = NULL, ${writtenFacts(facts)},
               finished_at = clock_timestamp(), lease_owner = NULL, lease_until = NULL
        WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'`,
    );
    return written > 0;
  }

  async release(turn: ClaimedTurn): Promise<void> {
    await reaching(
      this.#prisma.turn.updateMany({
        where: { id: turn.id, attempt: turn.attempt, state: 'running' },
        data: { state: 'pending', leaseOwner: null, leaseUntil: null },
      }),
    );
  }

  async requestStop(turnId: TurnId): Promise<boolean> {
    const { count } = await reaching(
      this.#prisma.turn.updateMany({
        where: { id: turnId, state: { in: UNFINISHED } },
        data: { stopRequested: true },
      }),
    );
    return count > 0;
  }

  abandon(target: DeliveryTarget): Promise<AbandonedTurns> {
    return reaching(retryingConflicts(() => abandonTurns(this.#prisma, target)));
  }

  async unfinished(conversationId: ConversationId): Promise<readonly TurnView[]> {
    // States written out: a plan kept for any states would not use the index on unfinished turns.
    const found = await reaching(
      this.#prisma.$queryRaw<{ id: TurnId }[]>`
        SELECT id FROM turn WHERE conversation_id = ${conversationId} AND state IN ('pending', 'running')`,
    );
    const where = { id: { in: found.map(({ id }) => id) }, state: { in: UNFINISHED } };
    return (await reaching(this.#prisma.turn.findMany({ where, orderBy: { id: 'asc' } }))).map(turnView);
  }

  async regenerate(turnId: TurnId): Promise<boolean> {
    return (await reaching(regenerateTurn(this.#prisma, turnId))) > 0;
  }

  async find(turnId: TurnId): Promise<TurnView | null> {
    const row = await reaching(this.#prisma.turn.findUnique({ where: { id: turnId } }));
    return row ? turnView(row) : null;
  }

  async findByMessage(key: string): Promise<TurnView | null> {
    const row = await reaching(this.#prisma.turn.findFirst({ where: { message: { key: storable(key) } } }));
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

  async takesPart(address: Address): Promise<boolean> {
    const where = atPlace(address);
    return (await reaching(this.#prisma.conversation.findFirst({ where, select: { id: true } }))) !== null;
  }

  backlog(): Promise<Backlog> {
    return reaching(readBacklog(this.#prisma));
  }

  overdue(olderThanMs: number, limit: number): Promise<readonly OverdueConversation[]> {
    return reaching(overdueConversations(this.#prisma, olderThanMs, limit));
  }

  async abandonLeases(owner: string | 'everyone'): Promise<number> {
    const { count } = await reaching(
      this.#prisma.turn.updateMany({
        where: { state: 'running', ...(owner === 'everyone' ? {} : { leaseOwner: owner }) },
        data: { state: 'pending', leaseOwner: null, leaseUntil: null },
      }),
    );
    return count;
  }

  eraseCredentials(from: TurnId, now: Date): Promise<TurnId> {
    return reaching(eraseCredentials(this.#prisma, from, now));
  }

  vote(turnId: TurnId, authorKey: string, vote: -1 | 0 | 1, comment?: string): Promise<void> {
    return reaching(recordVote(this.#prisma, turnId, authorKey, vote, comment));
  }

  async unexported(limit: number): Promise<readonly TurnId[]> {
    const where = { state: { in: FINISHED }, exportedAt: null, forgotten: false };
    const select = { id: true };
    return (
      await reaching(this.#prisma.turn.findMany({ where, select, orderBy: { id: 'asc' }, take: limit }))
    ).map(({ id }) => id);
  }
}
