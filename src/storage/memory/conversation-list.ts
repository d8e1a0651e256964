import type { Address } from '../../domain/address.js';
import type { TurnId } from '../../domain/turn.js';
import {
  type ConversationList,
  type ConversationPage,
  type ListedConversation,
  SEARCHED_CONVERSATIONS,
} from '../../ports/memory/conversation-list.js';
import { reaching } from '../database/database-failure.js';
import { storable } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';

interface ListedRow {
  readonly channel: string;
  readonly title: string | null;
  readonly first_question: string | null;
  readonly turns: bigint;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last: TurnId;
}

export class PrismaConversationList implements ConversationList {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  /** Begins with the author's turns, which an index finds: what others said is not read. */
  async page(
    authorKey: string,
    within: Pick<Address, 'platform' | 'app' | 'workspace'>,
    { search, before, limit }: { readonly search?: string; readonly before?: TurnId; readonly limit: number },
  ): Promise<ConversationPage> {
    const most = search === undefined ? limit + 1 : SEARCHED_CONVERSATIONS;
    const rows = await reaching(
      this.#prisma.$queryRaw<ListedRow[]>`
        WITH mine AS (
          SELECT conversation_id, max(id) AS last FROM turn WHERE author_key = ${storable(authorKey)}
          GROUP BY conversation_id
        ), newest AS (
          SELECT place.id, mine.last FROM mine JOIN conversation AS place ON place.id = mine.conversation_id
          WHERE place.platform = ${within.platform} AND place.app = ${storable(within.app)}
            AND place.workspace = ${storable(within.workspace)} AND mine.last > place.unlisted_to
            ${before === undefined ? Prisma.empty : Prisma.sql`AND mine.last < ${before}`}
          ORDER BY mine.last DESC LIMIT ${most}
        ), listed AS (
          SELECT id, last FROM newest ${search === undefined ? Prisma.empty : holding(storable(search))}
          ORDER BY last DESC LIMIT ${limit + 1}
        ) ${LISTED}`,
    );
    const shown = rows.slice(0, limit);
    const earlier = rows.length > limit ? (shown.at(-1)?.last ?? null) : null;
    return { conversations: shown.map(listedConversation), earlier };
  }

  async find(conversationKey: string): Promise<ListedConversation | null> {
    const [row] = await reaching(
      this.#prisma.$queryRaw<ListedRow[]>`
        WITH listed AS (
          SELECT id, ${LAST} AS last FROM conversation AS place
          WHERE key = ${storable(conversationKey)} AND ${LAST} > unlisted_to
        ) ${LISTED}`,
    );
    return row ? listedConversation(row) : null;
  }

  async rename(conversationKey: string, title: string | null): Promise<boolean> {
    const { count } = await reaching(
      this.#prisma.conversation.updateMany({
        where: { key: storable(conversationKey) },
        data: { title: title === null ? null : storable(title) },
      }),
    );
    return count > 0;
  }

  async unlist(conversationKey: string): Promise<void> {
    await reaching(
      this.#prisma.$executeRaw`
        UPDATE conversation AS place SET title = NULL, unlisted_to = coalesce(${LAST}, 0)
        WHERE key = ${storable(conversationKey)}`,
    );
  }
}

/** Of the conversation `place`. */
const LAST = Prisma.sql`(SELECT max(id) FROM turn WHERE conversation_id = place.id)`;

/** All that is shown of the conversations `listed`. */
const LISTED = Prisma.sql`
  SELECT place.channel, place.title, place.created_at, listed.last,
         (SELECT count(*) FROM turn WHERE conversation_id = place.id AND NOT forgotten) AS turns,
         (SELECT created_at FROM turn WHERE id = listed.last) AS updated_at,
         (SELECT left(message.text, 200) FROM turn JOIN message ON message.id = turn.message_id
          WHERE turn.conversation_id = place.id AND NOT turn.forgotten
          ORDER BY turn.conversation_id, turn.id LIMIT 1) AS first_question
  FROM listed JOIN conversation AS place ON place.id = listed.id
  ORDER BY listed.last DESC`;

function holding(search: string): Prisma.Sql {
  const holds = (text: Prisma.Sql) => Prisma.sql`strpos(lower(${text}), lower(${search})) > 0`;
  return Prisma.sql`
    WHERE EXISTS (SELECT 1 FROM conversation WHERE conversation.id = newest.id
                  AND ${holds(Prisma.sql`conversation.title`)})
       OR EXISTS (SELECT 1 FROM turn JOIN message ON message.id = turn.message_id
                  WHERE turn.conversation_id = newest.id AND NOT turn.forgotten
                    AND (${holds(Prisma.sql`message.text`)}
                         OR turn.state = 'done' AND ${holds(Prisma.sql`turn.reply`)}))`;
}

function listedConversation(row: ListedRow): ListedConversation {
  return {
    channel: row.channel,
    title: row.title,
    firstQuestion: row.first_question,
    turns: Number(row.turns),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
