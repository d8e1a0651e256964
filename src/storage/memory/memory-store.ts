import type { ConversationId, RememberedTurn, TurnId } from '../../domain/turn.js';
import type { MemoryStore } from '../../ports/memory/memory-store.js';
import { reaching } from '../database/database-failure.js';
import { retryingConflicts } from '../database/retrying-conflicts.js';
import { storable } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { EMPTIED, FORGOTTEN, UNCOMMENTED, UNQUOTED } from './forgotten-turns.js';

/** The forgotten replies, as others may have quoted them. */
const GONE_PARTS = Prisma.sql`ARRAY(SELECT part.message_id FROM part JOIN gone ON gone.id = part.turn_id)`;

interface ForgottenRow {
  readonly conversation_id: number;
  /** False where only what it quoted changed. */
  readonly whole: boolean;
}

/** What conversations remember. Forgetting empties texts and names; numbers of usage stay. */
export class PrismaMemoryStore implements MemoryStore {
  readonly #prisma: PrismaClient;
  readonly #onForgotten: (conversationId: ConversationId) => void;

  /** @param onForgotten - told of each conversation that lost text: what else was kept of it must go too */
  constructor(prisma: PrismaClient, onForgotten: (conversationId: ConversationId) => void) {
    this.#prisma = prisma;
    this.#onForgotten = onForgotten;
  }

  async find(conversationKey: string): Promise<ConversationId | null> {
    const where = { key: storable(conversationKey) };
    return (
      (await reaching(this.#prisma.conversation.findUnique({ where, select: { id: true } })))?.id ?? null
    );
  }

  /**
   * ANY and a pair compared, where = and < would do, and both columns ordered by, so that only the index on both fits:
   * for a conversation that holds much of the table the planner would else read the primary key backwards, through all
   * that others said since.
   */
  async window(
    conversationId: ConversationId,
    before: TurnId,
    limit: number,
  ): Promise<readonly RememberedTurn[]> {
    const newestFirst = await reaching(
      this.#prisma.$queryRaw<WindowRow[]>`
        SELECT turn.id, turn.reply, message.text, message.author_key, message.author_id, message.author_name,
               message.quoted_author, message.quoted_text
        FROM turn JOIN message ON message.id = turn.message_id
        WHERE turn.conversation_id = ANY(ARRAY[${conversationId}::int])
          AND (turn.conversation_id, turn.id) < (${conversationId}, ${before})
          AND turn.id >= (SELECT window_start FROM conversation WHERE id = ${conversationId})
          AND turn.state = 'done' AND NOT turn.forgotten AND turn.reply <> ''
        ORDER BY turn.conversation_id DESC, turn.id DESC LIMIT ${limit}`,
    );
    return newestFirst.reverse().map((row) => ({
      id: row.id,
      author: { key: row.author_key, id: row.author_id, name: row.author_name },
      text: row.text,
      quoted: row.quoted_text === null ? null : { author: row.quoted_author ?? '', text: row.quoted_text },
      reply: row.reply,
    }));
  }

  async moveWindow(conversationId: ConversationId, start: TurnId): Promise<void> {
    await reaching(
      this.#prisma.conversation.updateMany({
        where: { id: conversationId, windowStart: { lt: start } },
        data: { windowStart: start },
      }),
    );
  }

  /**
   * Moves the window past what is gone as well, so that no later read has to skip it row by row. Locks the
   * conversation first, as whoever claims does: the other way round the two could wait for each other.
   */
  clear(conversationId: ConversationId): Promise<number> {
    return this.#change(
      Prisma.sql`
        WITH place AS (
          SELECT id FROM conversation WHERE id = ${conversationId} FOR UPDATE
        ), gone AS (
          UPDATE turn SET ${FORGOTTEN}
          FROM place WHERE conversation_id = place.id AND NOT forgotten
          RETURNING turn.id, message_id, conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          FROM gone WHERE message.id = gone.message_id
        ), uncommented AS (${UNCOMMENTED}
        ), moved AS (
          UPDATE conversation
          SET window_start = greatest(window_start, (SELECT max(gone.id) + 1 FROM gone))
          WHERE id = ${conversationId}
        )
        SELECT conversation_id, true AS whole FROM gone`,
    );
  }

  clearGiven(olderThanMs: number): Promise<number> {
    return this.#change(
      Prisma.sql`
        WITH gone AS (
          UPDATE turn SET ${FORGOTTEN}
          WHERE given_prompt IS NOT NULL AND created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'
          RETURNING id, message_id, conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          FROM gone WHERE message.id = gone.message_id
        )
        SELECT conversation_id, true AS whole FROM gone`,
    );
  }

  forgetAuthor(authorKey: string): Promise<number> {
    const key = storable(authorKey);
    return this.#change(
      Prisma.sql`
        WITH gone AS (
          UPDATE turn SET ${FORGOTTEN}
          WHERE author_key = ${key} AND NOT forgotten
          RETURNING id, message_id, conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          WHERE author_key = ${key}
        ), unquoted AS (
          UPDATE message SET ${UNQUOTED}
          FROM turn AS quoting
          WHERE quoting.message_id = message.id AND message.author_key <> ${key}
            AND (quoted_author_keys @> ARRAY[${key}] OR quoted_message_ids && ${GONE_PARTS})
          RETURNING quoting.conversation_id
        ), uncommented AS (${UNCOMMENTED} AND vote.author_key <> ${key}
        ), untitled AS (
          UPDATE conversation AS place
          SET title = NULL, unlisted_to = CASE WHEN EXISTS (
                SELECT 1 FROM turn WHERE conversation_id = place.id AND author_key <> ${key} AND NOT forgotten
              ) THEN unlisted_to ELSE (SELECT max(id) FROM turn WHERE conversation_id = place.id) END
          WHERE platform = 'web' AND id IN (SELECT conversation_id FROM turn WHERE author_key = ${key})
        ), unprompted AS (
          UPDATE place_settings SET settings = settings - 'systemPrompt'
          WHERE key IN (SELECT place.key FROM conversation AS place JOIN turn ON turn.conversation_id = place.id
                        WHERE place.platform = 'web' AND turn.author_key = ${key})
        ), unvoted AS (
          DELETE FROM vote WHERE author_key = ${key}
        )
        SELECT conversation_id, true AS whole FROM gone
        UNION ALL SELECT conversation_id, false FROM unquoted`,
    );
  }

  async editMessage(
    platform: string,
    channel: string,
    platformMessageId: string,
    text: string,
  ): Promise<boolean> {
    const [place, id] = [storable(channel), storable(platformMessageId)];
    // A quote of several messages is left as it is: which of its words are these is not known.
    const messages = await this.#change(
      Prisma.sql`
        WITH edited AS (
          UPDATE message SET text = ${storable(text)} FROM turn
          WHERE message.platform = ${platform} AND message.channel = ${place}
            AND message.platform_message_id = ${id}
            AND turn.message_id = message.id AND NOT turn.forgotten
          RETURNING turn.conversation_id
        ), requoted AS (
          UPDATE message SET quoted_text = ${storable(text)} FROM turn
          WHERE message.platform = ${platform} AND message.channel = ${place}
            AND message.quoted_message_ids @> ARRAY[${id}] AND cardinality(message.quoted_message_ids) = 1
            AND turn.message_id = message.id AND NOT turn.forgotten
          RETURNING turn.conversation_id
        )
        SELECT conversation_id, true AS whole FROM edited
        UNION ALL SELECT conversation_id, false FROM requoted`,
    );
    return messages > 0;
  }

  async deleteMessage(platform: string, channel: string, platformMessageId: string): Promise<boolean> {
    const [place, id] = [storable(channel), storable(platformMessageId)];
    const turns = await this.#change(
      Prisma.sql`
        WITH gone AS (
          UPDATE turn SET ${FORGOTTEN}
          FROM message
          WHERE message.platform = ${platform} AND message.channel = ${place}
            AND message.platform_message_id = ${id}
            AND turn.message_id = message.id AND NOT turn.forgotten
          RETURNING turn.id, turn.message_id, turn.conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          FROM gone WHERE message.id = gone.message_id
        ), uncommented AS (${UNCOMMENTED}
        ), unquoted AS (
          UPDATE message SET ${UNQUOTED}
          FROM turn AS quoting
          WHERE quoting.message_id = message.id
            AND message.platform = ${platform} AND message.channel = ${place}
            AND message.platform_message_id IS DISTINCT FROM ${id}
            AND (quoted_message_ids @> ARRAY[${id}] OR quoted_message_ids && ${GONE_PARTS})
          RETURNING quoting.conversation_id
        )
        SELECT conversation_id, true AS whole FROM gone
        UNION ALL SELECT conversation_id, false FROM unquoted`,
    );
    return turns > 0;
  }

  /** @returns how many turns or messages changed as a whole */
  async #change(statement: Prisma.Sql): Promise<number> {
    const rows = await reaching(retryingConflicts(() => this.#prisma.$queryRaw<ForgottenRow[]>(statement)));
    for (const id of new Set(rows.map((row) => row.conversation_id))) this.#onForgotten(id);
    return rows.filter(({ whole }) => whole).length;
  }
}

interface WindowRow {
  readonly id: number;
  readonly reply: string;
  readonly text: string;
  readonly author_key: string;
  readonly author_id: string;
  readonly author_name: string;
  readonly quoted_author: string | null;
  readonly quoted_text: string | null;
}
