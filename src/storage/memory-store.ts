import type { ConversationId, RememberedTurn, TurnId } from '../domain/turn.js';
import type { MemoryStore } from '../ports/memory-store.js';
import { reaching } from './database-failure.js';
import { Prisma, type PrismaClient } from './generated/client.js';
import { storable } from './storable-text.js';

/** A turn that was not answered yet is cancelled; one being answered is stopped, and its reply is not kept. */
const FORGOTTEN = Prisma.sql`forgotten = true, reply = '', notice = NULL, stop_requested = true,
  state = CASE WHEN state = 'pending' THEN 'cancelled' ELSE state END,
  finished_at = coalesce(finished_at, CASE WHEN state = 'pending' THEN clock_timestamp() END)`;
const EMPTIED = Prisma.sql`text = '', quoted_author = NULL, quoted_text = NULL, author_name = ''`;

interface ForgottenRow {
  readonly conversation_id: number;
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
        WHERE turn.conversation_id = ${conversationId} AND turn.id < ${before}
          AND turn.id >= (SELECT window_start FROM conversation WHERE id = ${conversationId})
          AND turn.state = 'done' AND NOT turn.forgotten AND turn.reply <> ''
        ORDER BY turn.id DESC LIMIT ${limit}`,
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
    return this.#forget(
      this.#prisma.$queryRaw<ForgottenRow[]>`
        WITH place AS (
          SELECT id FROM conversation WHERE id = ${conversationId} FOR UPDATE
        ), gone AS (
          UPDATE turn SET ${FORGOTTEN}
          FROM place WHERE conversation_id = place.id AND NOT forgotten
          RETURNING turn.id, message_id, conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          FROM gone WHERE message.id = gone.message_id
        ), moved AS (
          UPDATE conversation
          SET window_start = greatest(window_start, (SELECT max(gone.id) + 1 FROM gone))
          WHERE id = ${conversationId}
        )
        SELECT conversation_id FROM gone`,
    );
  }

  forgetAuthor(authorKey: string): Promise<number> {
    const key = storable(authorKey);
    return this.#forget(
      this.#prisma.$queryRaw<ForgottenRow[]>`
        WITH gone AS (
          UPDATE turn SET ${FORGOTTEN}
          WHERE author_key = ${key} AND NOT forgotten
          RETURNING message_id, conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          WHERE author_key = ${key}
        ), unvoted AS (
          DELETE FROM vote WHERE author_key = ${key}
        )
        SELECT conversation_id FROM gone`,
    );
  }

  async editMessage(
    platform: string,
    channel: string,
    platformMessageId: string,
    text: string,
  ): Promise<boolean> {
    const rows = await reaching(
      this.#prisma.$queryRaw<ForgottenRow[]>`
        UPDATE message SET text = ${storable(text)} FROM turn
        WHERE message.platform = ${platform} AND message.channel = ${storable(channel)}
          AND message.platform_message_id = ${storable(platformMessageId)}
          AND turn.message_id = message.id AND NOT turn.forgotten
        RETURNING turn.conversation_id`,
    );
    this.#told(rows);
    return rows.length > 0;
  }

  async deleteMessage(platform: string, channel: string, platformMessageId: string): Promise<boolean> {
    const turns = await this.#forget(
      this.#prisma.$queryRaw<ForgottenRow[]>`
        WITH gone AS (
          UPDATE turn SET ${FORGOTTEN}
          FROM message
          WHERE message.platform = ${platform} AND message.channel = ${storable(channel)}
            AND message.platform_message_id = ${storable(platformMessageId)}
            AND turn.message_id = message.id AND NOT turn.forgotten
          RETURNING turn.message_id, turn.conversation_id
        ), emptied AS (
          UPDATE message SET ${EMPTIED}
          FROM gone WHERE message.id = gone.message_id
        )
        SELECT conversation_id FROM gone`,
    );
    return turns > 0;
  }

  async #forget(query: PromiseLike<ForgottenRow[]>): Promise<number> {
    const rows = await reaching(query);
    this.#told(rows);
    return rows.length;
  }

  #told(rows: readonly ForgottenRow[]): void {
    for (const id of new Set(rows.map((row) => row.conversation_id))) this.#onForgotten(id);
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
