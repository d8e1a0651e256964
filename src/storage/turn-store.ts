import type { Address, MemoryScope } from '../domain/address.js';
import type {
  ClaimedTurn,
  ConversationId,
  GeneratedReply,
  IncomingMessage,
  PostedPart,
  TurnId,
  TurnOutcome,
} from '../domain/turn.js';
import type { RecordedTurn, TurnStore, TurnView, WaitingTurn } from '../ports/turn-store.js';
import { claimTurn } from './claim-turn.js';
import { reaching } from './database-failure.js';
import type { PrismaClient } from './generated/client.js';
import { recordTurn } from './record-turn.js';
import { storable, storableJson } from './storable-text.js';
import { turnView } from './turn-view.js';
import { recordWaitingPart, takeWaitingTurns } from './waiting-turns.js';

const UNFINISHED = ['pending', 'running'];
const FINISHED = ['done', 'failed', 'cancelled'];

/** The queue of record. A write of a claimed turn holds only while its attempt does. */
export class PrismaTurnStore implements TurnStore {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  record(message: IncomingMessage, scope: MemoryScope): Promise<RecordedTurn> {
    return reaching(recordTurn(this.#prisma, message, scope));
  }

  claimNext(conversationId: ConversationId, owner: string, leaseMs: number): Promise<ClaimedTurn | null> {
    return reaching(claimTurn(this.#prisma, conversationId, owner, leaseMs));
  }

  takeWaiting(conversationId: ConversationId, limit: number): Promise<readonly WaitingTurn[]> {
    return reaching(takeWaitingTurns(this.#prisma, conversationId, limit));
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
    const { platform } = turn.target;
    const written = await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO part (turn_id, index, platform, message_id)
        SELECT id, ${part.index}, ${platform}, ${part.messageId} FROM turn
        WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'
        ON CONFLICT (turn_id, index) DO UPDATE SET message_id = EXCLUDED.message_id`,
    );
    return written > 0;
  }

  async removePart(turn: ClaimedTurn, index: number): Promise<void> {
    await reaching(
      this.#prisma.$executeRaw`
        DELETE FROM part USING turn
        WHERE part.turn_id = ${turn.id} AND part.index = ${index}
          AND turn.id = part.turn_id AND turn.attempt = ${turn.attempt} AND turn.state = 'running'`,
    );
  }

  async keepReply(turn: ClaimedTurn, reply: GeneratedReply): Promise<boolean> {
    return (await this.#writeReply(turn, reply, 'running')) > 0;
  }

  async finish(turn: ClaimedTurn, outcome: TurnOutcome): Promise<boolean> {
    if (outcome.state === 'done') return (await this.#writeReply(turn, outcome, 'done')) > 0;
    const failed = outcome.state === 'failed' ? outcome : null;
    const written = await reaching(
      this.#prisma.$executeRaw`
        UPDATE turn SET state = ${outcome.state}, failure_kind = ${failed?.kind ?? null},
               notice = ${failed ? storable(failed.notice) : null},
               reply = '', model = NULL, sampling = NULL, finish_reason = NULL,
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

  async unfinished(conversationId: ConversationId): Promise<readonly TurnView[]> {
    const where = { conversationId, state: { in: UNFINISHED } };
    return (await reaching(this.#prisma.turn.findMany({ where, orderBy: { id: 'asc' } }))).map(turnView);
  }

  async regenerate(turnId: TurnId): Promise<boolean> {
    const written = await reaching(
      this.#prisma.$executeRaw`
        UPDATE turn SET state = 'pending', revision = revision + 1, stop_requested = false,
               reply = '', model = NULL, finish_reason = NULL, failure_kind = NULL, notice = NULL,
               replaced_tokens = replaced_tokens + prompt_tokens + reply_tokens,
               prompt_tokens = 0, cached_tokens = 0, reply_tokens = 0,
               started_at = NULL, finished_at = NULL, exported_at = NULL
        WHERE id = ${turnId} AND state IN ('done', 'failed', 'cancelled') AND NOT forgotten`,
    );
    return written > 0;
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
    const where = { conversationId, forgotten: false };
    const row = await reaching(this.#prisma.turn.findFirst({ where, orderBy: { id: 'desc' } }));
    return row ? turnView(row) : null;
  }

  async takesPart(address: Address): Promise<boolean> {
    const { platform, app, workspace, channel, thread } = address;
    const where = {
      platform,
      app: storable(app),
      workspace: storable(workspace),
      channel: storable(channel),
      thread: thread === undefined ? null : storable(thread),
    };
    return (await reaching(this.#prisma.conversation.findFirst({ where, select: { id: true } }))) !== null;
  }

  async overdue(olderThanMs: number, limit: number): Promise<readonly ConversationId[]> {
    const rows = await reaching(
      this.#prisma.$queryRaw<{ conversation_id: number }[]>`
        SELECT conversation_id FROM turn
        WHERE (state = 'pending' AND created_at < clock_timestamp() - ${olderThanMs} * interval '1 millisecond')
           OR (state = 'running' AND lease_until <= clock_timestamp())
        GROUP BY conversation_id ORDER BY min(id) LIMIT ${limit}`,
    );
    return rows.map((row) => row.conversation_id);
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

  async vote(turnId: TurnId, authorKey: string, vote: -1 | 0 | 1): Promise<void> {
    const id = { turnId, authorKey: storable(authorKey) };
    if (vote === 0) {
      await reaching(this.#prisma.vote.deleteMany({ where: id }));
      return;
    }
    // Nothing is written for a turn that does not exist: the id may come from a person.
    await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO vote (turn_id, author_key, vote)
        SELECT id, ${id.authorKey}, ${vote} FROM turn WHERE id = ${turnId}
        ON CONFLICT (turn_id, author_key) DO UPDATE SET vote = EXCLUDED.vote`,
    );
  }

  async unexported(limit: number): Promise<readonly TurnId[]> {
    const where = { state: { in: FINISHED }, exportedAt: null, forgotten: false };
    const select = { id: true };
    return (
      await reaching(this.#prisma.turn.findMany({ where, select, orderBy: { id: 'asc' }, take: limit }))
    ).map(({ id }) => id);
  }

  /** Text that was forgotten while its reply was written stays forgotten. */
  #writeReply(turn: ClaimedTurn, reply: GeneratedReply, state: 'running' | 'done'): Promise<number> {
    const { usage } = reply;
    return reaching(
      this.#prisma.$executeRaw`
        UPDATE turn SET state = ${state}, model = ${reply.model}, finish_reason = ${reply.finishReason},
               reply = CASE WHEN forgotten THEN '' ELSE ${storable(reply.reply)} END,
               sampling = ${storableJson(reply.sampling)}::jsonb,
               prompt_tokens = ${usage.prompt}, cached_tokens = ${usage.cached}, reply_tokens = ${usage.reply},
               time_to_first_token_ms = ${reply.timeToFirstTokenMs}, tokens_per_second = ${reply.tokensPerSecond},
               finished_at = CASE WHEN ${state} = 'done' THEN clock_timestamp() END,
               lease_owner = CASE WHEN ${state} = 'running' THEN lease_owner END,
               lease_until = CASE WHEN ${state} = 'running' THEN lease_until END
        WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'`,
    );
  }
}
