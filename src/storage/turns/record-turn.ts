import { conversationKey, type MemoryScope } from '../../domain/address.js';
import type { ApiKeyId } from '../../domain/api-key.js';
import type { IncomingMessage } from '../../domain/turn.js';
import type { AuthorLimits, OverLimit, RecordedTurn, UsageCap } from '../../ports/turns/turn-store.js';
import { storable, storableAddress, storableJson } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { byApiKey, byAuthor, tokensSoFar, tokensUsed, turnsUsed } from './author-usage.js';
import { keyAllows, overKeyLimits } from './key-limits.js';
import { type CredentialBoxes, sealCredential } from './sealed-credentials.js';

type RecordedRow =
  | {
      readonly over: null;
      readonly turn_id: number;
      readonly conversation_id: number;
      readonly created: boolean;
      readonly ahead: bigint;
    }
  | { readonly over: 'turns' | 'tokens' }
  | { readonly over: 'key-turns' | 'key-tokens'; readonly allowed: number };

/** A message that another process is recording at this moment shows once that has committed: a second look finds it. */
const LOOKS = 20;

const UNLIMITED: UsageCap = { withinMs: 0, below: Number.MAX_SAFE_INTEGER };

/**
 * Writes conversation, message and turn in one statement, or finds them, or finds the author or the API key over a
 * limit. The one statement costs half of what reading usage first and writing then would.
 *
 * Touching the conversation's row serialises those who write to it, so that turn ids rise in the order of commits.
 */
export async function recordTurn(
  prisma: Pick<PrismaClient, '$queryRaw'>,
  boxes: CredentialBoxes,
  message: IncomingMessage,
  scope: MemoryScope,
  limits: AuthorLimits = { turns: null, tokens: null },
): Promise<RecordedTurn | OverLimit> {
  for (let look = 0; look < LOOKS; look++) {
    const [row] = await insertOrFind(prisma, boxes, message, scope, limits);
    if (!row) continue;
    if (row.over === 'key-turns') return { over: 'turns', keyAllows: row.allowed };
    if (row.over === 'key-tokens') return { over: 'tokens', keyAllows: row.allowed };
    if (row.over !== null) return { over: row.over };
    const { turn_id: turnId, conversation_id: conversationId, created, ahead } = row;
    return { turnId, conversationId, created, ahead: Number(ahead) };
  }
  throw new Error('a message that exists could not be read');
}

function insertOrFind(
  prisma: Pick<PrismaClient, '$queryRaw'>,
  boxes: CredentialBoxes,
  message: IncomingMessage,
  scope: MemoryScope,
  limits: AuthorLimits,
): Promise<RecordedRow[]> {
  const { quoted, apiKey } = message;
  const [turns, tokens] = [limits.turns ?? UNLIMITED, limits.tokens ?? UNLIMITED];
  const address = storableAddress(message.address);
  const author = {
    key: storable(message.author.key),
    id: storable(message.author.id),
    name: storable(message.author.name),
  };
  const by = byAuthor(author.key);
  const key = conversationKey(address, scope, author);
  const target = sealCredential(boxes, message.target, message.key);
  const platformMessageId =
    message.platformMessageId === undefined ? null : storable(message.platformMessageId);
  const prompt = message.prompt === undefined ? null : storableJson(message.prompt);
  const model = message.model === undefined ? null : storable(message.model);
  return prisma.$queryRaw<RecordedRow[]>`
    WITH used AS (
      SELECT CASE WHEN ${turnsUsed(by, turns.withinMs)} >= ${turns.below}::bigint THEN 'turns'
                  WHEN ${tokensUsed(by, tokens.withinMs)} >= ${tokens.below}::bigint THEN 'tokens'
                  ${apiKey === undefined ? Prisma.empty : overKeyLimits(apiKey)} END AS over
    ), place AS (
      INSERT INTO conversation (key, platform, app, workspace, channel, thread, parent, kind)
      SELECT ${key}, ${address.platform}, ${address.app}, ${address.workspace}, ${address.channel},
             ${address.thread ?? null}, ${address.parent ?? null}, ${address.kind}
      FROM used WHERE over IS NULL
      ON CONFLICT (key) DO UPDATE SET kind = EXCLUDED.kind
      RETURNING id
    ), said AS (
      INSERT INTO message (key, platform, channel, platform_message_id, author_key, author_id, author_name, text,
                           quoted_author, quoted_text, quoted_author_keys, quoted_message_ids)
      SELECT ${storable(message.key)}, ${address.platform}, ${address.channel}, ${platformMessageId},
             ${author.key}, ${author.id}, ${author.name}, ${storable(message.text)},
             ${quoted ? storable(quoted.author) : null}, ${quoted ? storable(quoted.text) : null},
             ${quoted?.authorKeys?.map(storable) ?? null}::text[], ${quoted?.messageIds?.map(storable) ?? null}::text[]
      FROM place
      ON CONFLICT (key) DO NOTHING
      RETURNING id
    ), begun AS (
      INSERT INTO turn (conversation_id, message_id, author_key, asked_model, asked_sampling, target, trace,
                        given_prompt, exported_at, tokens_before, key_id, key_tokens_before)
      SELECT place.id, said.id, ${author.key}, ${model},
             ${storableJson(message.sampling ?? {})}::jsonb, ${storableJson(target)}::jsonb,
             ${message.trace ?? null}, ${prompt}::jsonb, CASE WHEN ${prompt}::text IS NOT NULL THEN now() END,
             coalesce(${tokensSoFar(by)}, 0), ${keyOf(apiKey)}
      FROM place, said
      RETURNING id, conversation_id
    )
    SELECT NULL AS over, begun.id AS turn_id, begun.conversation_id, true AS created,
           (SELECT count(*) FROM turn WHERE turn.conversation_id = begun.conversation_id
              AND turn.state IN ('pending', 'running')) AS ahead, NULL::int AS allowed
    FROM begun
    UNION ALL
    SELECT NULL, turn.id, turn.conversation_id, false, 0, NULL
    FROM message JOIN turn ON turn.message_id = message.id
    WHERE message.key = ${storable(message.key)} AND NOT EXISTS (SELECT 1 FROM begun)
    UNION ALL
    SELECT over, NULL, NULL, false, 0, ${keyAllows(apiKey)}
    FROM used
    WHERE over IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message WHERE key = ${storable(message.key)})`;
}

/** For the columns key_id and key_tokens_before. A turn without a key pays nothing for those that have one. */
function keyOf(apiKey: ApiKeyId | undefined): Prisma.Sql {
  if (apiKey === undefined) return Prisma.sql`NULL, NULL`;
  return Prisma.sql`${apiKey}, coalesce(${tokensSoFar(byApiKey(apiKey))}, 0)`;
}
