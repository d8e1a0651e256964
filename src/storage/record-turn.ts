import { conversationKey, type MemoryScope } from '../domain/address.js';
import type { IncomingMessage } from '../domain/turn.js';
import type { RecordedTurn } from '../ports/turn-store.js';
import type { PrismaClient } from './generated/client.js';
import { storable, storableAddress, storableJson } from './storable-text.js';

interface RecordedRow {
  readonly turn_id: number;
  readonly conversation_id: number;
  readonly created: boolean;
  readonly ahead: bigint;
}

/** A message that another process is recording at this moment shows once that has committed: a second look finds it. */
const LOOKS = 20;

/**
 * Writes conversation, message and turn in one statement, or finds them.
 *
 * Touching the conversation's row serialises those who write to it, so that turn ids rise in the order of commits.
 */
export async function recordTurn(
  prisma: PrismaClient,
  message: IncomingMessage,
  scope: MemoryScope,
): Promise<RecordedTurn> {
  for (let look = 0; look < LOOKS; look++) {
    const [row] = await insertOrFind(prisma, message, scope);
    if (row) {
      const { turn_id: turnId, conversation_id: conversationId, created, ahead } = row;
      return { turnId, conversationId, created, ahead: Number(ahead) };
    }
  }
  throw new Error('a message that exists could not be read');
}

function insertOrFind(
  prisma: PrismaClient,
  message: IncomingMessage,
  scope: MemoryScope,
): Promise<RecordedRow[]> {
  const { quoted } = message;
  const address = storableAddress(message.address);
  const author = {
    key: storable(message.author.key),
    id: storable(message.author.id),
    name: storable(message.author.name),
  };
  const key = conversationKey(address, scope, author);
  const platformMessageId =
    message.platformMessageId === undefined ? null : storable(message.platformMessageId);
  const model = message.model === undefined ? null : storable(message.model);
  return prisma.$queryRaw<RecordedRow[]>`
    WITH place AS (
      INSERT INTO conversation (key, platform, app, workspace, channel, thread, parent, kind)
      VALUES (${key}, ${address.platform}, ${address.app}, ${address.workspace}, ${address.channel},
              ${address.thread ?? null}, ${address.parent ?? null}, ${address.kind})
      ON CONFLICT (key) DO UPDATE SET kind = EXCLUDED.kind
      RETURNING id
    ), said AS (
      INSERT INTO message (key, platform, channel, platform_message_id, author_key, author_id, author_name, text,
                           quoted_author, quoted_text)
      SELECT ${storable(message.key)}, ${address.platform}, ${address.channel}, ${platformMessageId},
             ${author.key}, ${author.id}, ${author.name}, ${storable(message.text)},
             ${quoted ? storable(quoted.author) : null}, ${quoted ? storable(quoted.text) : null}
      FROM place
      ON CONFLICT (key) DO NOTHING
      RETURNING id
    ), begun AS (
      INSERT INTO turn (conversation_id, message_id, author_key, asked_model, asked_sampling, target)
      SELECT place.id, said.id, ${author.key}, ${model},
             ${storableJson(message.sampling ?? {})}::jsonb, ${storableJson(message.target)}::jsonb
      FROM place, said
      RETURNING id, conversation_id
    )
    SELECT begun.id AS turn_id, begun.conversation_id, true AS created,
           (SELECT count(*) FROM turn WHERE turn.conversation_id = begun.conversation_id
              AND turn.state IN ('pending', 'running')) AS ahead
    FROM begun
    UNION ALL
    SELECT turn.id, turn.conversation_id, false, 0
    FROM message JOIN turn ON turn.message_id = message.id
    WHERE message.key = ${storable(message.key)} AND NOT EXISTS (SELECT 1 FROM begun)`;
}
