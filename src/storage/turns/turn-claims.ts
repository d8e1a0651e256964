import type {
  AnswerFacts,
  ClaimedTurn,
  ConversationId,
  GeneratedReply,
  PostedPart,
  TurnOutcome,
} from '../../domain/turn.js';
import type { TurnClaims } from '../../ports/turns/turn-claims.js';
import { reaching } from '../database/database-failure.js';
import { storable, storableJson } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { apiKeyUsage } from './author-usage.js';
import { type ClaimedRow, claimedTurn } from './claimed-turn.js';
import type { CredentialBoxes } from './sealed-credentials.js';

/** Leases on turns, and what is written under them. A write holds only while its attempt does. */
export class PrismaTurnClaims implements TurnClaims {
  readonly #prisma: PrismaClient;
  readonly #boxes: CredentialBoxes;

  constructor(prisma: PrismaClient, boxes: CredentialBoxes) {
    this.#prisma = prisma;
    this.#boxes = boxes;
  }

  /**
   * Claims the oldest unfinished turn of a conversation, by the database's clock. BETWEEN, where = would do, keeps the
   * order of the index on unfinished turns the only one that fits: with = the planner may take the primary key for it, and
   * read every turn stored.
   *
   * Two statements in one short transaction: the lock on the conversation's row comes first, so that the second sees
   * what whoever held the lock before has written. Not all who end a turn take that lock: what the update finds is checked
   * again, since it may have waited for one of them.
   */
  async claimNext(
    conversationId: ConversationId,
    owner: string,
    leaseMs: number,
  ): Promise<ClaimedTurn | null> {
    const [, rows] = await reaching(
      this.#prisma.$transaction([
        this.#prisma.$queryRaw`SELECT id FROM conversation WHERE id = ${conversationId} FOR UPDATE`,
        this.#prisma.$queryRaw<ClaimedRow[]>`
          WITH next AS (
            SELECT id FROM turn
            WHERE conversation_id BETWEEN ${conversationId} AND ${conversationId}
              AND state IN ('pending', 'running') AND (state = 'pending' OR lease_until <= clock_timestamp())
              AND NOT EXISTS (SELECT 1 FROM turn AS held WHERE held.conversation_id = ${conversationId}
                                AND held.state = 'running' AND held.lease_until > clock_timestamp())
            ORDER BY conversation_id, id LIMIT 1
          ), claimed AS (
            UPDATE turn SET state = 'running', attempt = attempt + 1, lease_owner = ${owner},
                   lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond',
                   started_at = coalesce(started_at, clock_timestamp())
            FROM next WHERE turn.id = next.id
              AND (turn.state = 'pending' OR turn.state = 'running' AND turn.lease_until <= clock_timestamp())
            RETURNING turn.*
          )
          SELECT claimed.id, claimed.attempt, claimed.revision, claimed.stop_requested, claimed.forgotten,
                 claimed.asked_model, claimed.asked_sampling, claimed.target, claimed.reply, claimed.model, claimed.sampling,
                 claimed.finish_reason, claimed.prompt_tokens, claimed.cached_tokens, claimed.reply_tokens,
                 claimed.time_to_first_token_ms, claimed.tokens_per_second, claimed.created_at, claimed.trace,
                 claimed.given_prompt,
                 message.key AS message_key, message.author_key, message.author_id, message.author_name, message.text,
                 message.quoted_author, message.quoted_text,
                 place.platform, place.app, place.workspace, place.channel, place.thread, place.parent, place.kind,
                 coalesce((SELECT json_agg(json_build_object('index', part.index, 'messageId', part.message_id)
                                           ORDER BY part.index)
                           FROM part WHERE part.turn_id = claimed.id), '[]') AS parts
          FROM claimed
          JOIN message ON message.id = claimed.message_id
          JOIN conversation AS place ON place.id = claimed.conversation_id`,
      ]),
    );
    const [row] = rows;
    return row ? claimedTurn(this.#boxes, row, conversationId) : null;
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
    const written = await reaching(
      this.#prisma.$executeRaw`
        INSERT INTO part (turn_id, index, platform, message_id)
        SELECT id, ${part.index}, ${turn.target.platform}, ${part.messageId} FROM turn
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

  keepReply(turn: ClaimedTurn, reply: GeneratedReply, facts?: AnswerFacts): Promise<boolean> {
    return this.#write(turn, reply, 'running', facts);
  }

  async finish(turn: ClaimedTurn, outcome: TurnOutcome, facts?: AnswerFacts): Promise<boolean> {
    if (outcome.state === 'done') return this.#write(turn, outcome, 'done', facts);
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

  /**
   * Stores what the model made, and counts its tokens as its author's, and as those of the API key it was asked with:
   * once, however often the same reply is written.
   * Text that was forgotten while its reply was written stays forgotten.
   *
   * @returns false where this attempt no longer holds the turn
   */
  async #write(
    turn: ClaimedTurn,
    reply: GeneratedReply,
    state: 'running' | 'done',
    facts: AnswerFacts | undefined,
  ): Promise<boolean> {
    const { usage } = reply;
    // A sub-select sees the turn as it was before.
    const rows = await reaching(
      this.#prisma.$queryRaw<{ id: number }[]>`
        WITH written AS (
          UPDATE turn SET state = ${state}, model = ${reply.model}, finish_reason = ${reply.finishReason},
                 reply = CASE WHEN forgotten THEN '' ELSE ${storable(reply.reply)} END,
                 sampling = ${storableJson(reply.sampling)}::jsonb,
                 prompt_tokens = ${usage.prompt}, cached_tokens = ${usage.cached}, reply_tokens = ${usage.reply},
                 time_to_first_token_ms = ${reply.timeToFirstTokenMs}, tokens_per_second = ${reply.tokensPerSecond},
                 ${writtenFacts(facts)},
                 finished_at = CASE WHEN ${state} = 'done' THEN clock_timestamp() END,
                 lease_owner = CASE WHEN ${state} = 'running' THEN lease_owner END,
                 lease_until = CASE WHEN ${state} = 'running' THEN lease_until END
          WHERE id = ${turn.id} AND attempt = ${turn.attempt} AND state = 'running'
          RETURNING id, author_key, key_id, prompt_tokens + reply_tokens
            - (SELECT prompt_tokens + reply_tokens FROM turn AS before WHERE before.id = turn.id) AS used
        ), counted AS (
          INSERT INTO author_usage AS known (author_key, tokens)
          SELECT author_key, used FROM written WHERE used <> 0
          UNION ALL
          SELECT ${apiKeyUsage(Prisma.sql`key_id`)}, used FROM written WHERE used <> 0 AND key_id IS NOT NULL
          ON CONFLICT (author_key) DO UPDATE SET tokens = known.tokens + EXCLUDED.tokens
        )
        SELECT id FROM written`,
    );
    return rows.length > 0;
  }
}

/** For a SET: the first text is shown once, and who takes over does not know when. */
function writtenFacts(facts: AnswerFacts | undefined): Prisma.Sql {
  return Prisma.sql`persona = coalesce(${facts?.persona ?? null}, persona),
    first_text_ms = coalesce(first_text_ms, ${facts?.firstTextMs ?? null})`;
}
