import { conversationKey, type MemoryScope } from '../../domain/address.js';
import type { ApiKeyId } from '../../domain/api-key.js';
import type { ConversationId, IncomingMessage, TurnId } from '../../domain/turn.js';
import type {
  AuthorLimits,
  NotReplaced,
  OverLimit,
  RecordedTurn,
  TurnRecorder,
  UsageCap,
} from '../../ports/turns/turn-recorder.js';
import { reaching } from '../database/database-failure.js';
import { retryingConflicts } from '../database/retrying-conflicts.js';
import { storable, storableAddress, storableJson } from '../database/storable-text.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { EMPTIED, FORGOTTEN, UNCOMMENTED } from '../memory/forgotten-turns.js';
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

interface ReplacedRow {
  readonly id: TurnId;
  readonly unfinished: boolean;
  readonly forgotten: boolean;
}

/** Undoes what its transaction has written. */
class Undone extends Error {
  readonly result: NotReplaced;

  constructor(result: NotReplaced) {
    super('nothing was replaced');
    this.result = result;
  }
}

/** How long it waits for a connection, and may take, in ms: others of the conversation wait for it meanwhile. */
const LIMITS = { maxWait: 5_000, timeout: 10_000 };

/** Records messages with their turns, also in place of others. */
export class PrismaTurnRecorder implements TurnRecorder {
  readonly #prisma: PrismaClient;
  readonly #boxes: CredentialBoxes;
  readonly #onForgotten: (conversationId: ConversationId) => void;

  /** @param onForgotten - told of each conversation that lost text: what else was kept of it must go too */
  constructor(
    prisma: PrismaClient,
    boxes: CredentialBoxes,
    onForgotten: (conversationId: ConversationId) => void,
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
    limits: AuthorLimits = { turns: null, tokens: null },
  ): Promise<RecordedTurn | OverLimit> {
    return reaching(this.#record(this.#prisma, message, scope, limits));
  }

  /**
   * Records the turn and forgets those from `replaced` on in one transaction. Recording locks the conversation's row, so
   * that of two replacements at once the second sees what the first has done; the turns are locked before they are
   * judged, since a regeneration takes no lock on the conversation.
   */
  async replace(
    replaced: TurnId,
    message: IncomingMessage,
    scope: MemoryScope,
    limits: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit | NotReplaced> {
    const result = await reaching(
      retryingConflicts(() =>
        this.#inTransaction(async (within) => {
          const recorded = await this.#record(within, message, scope, limits);
          if (!('over' in recorded) && recorded.created) await forget(within, replaced, recorded);
          return recorded;
        }),
      ),
    );
    if ('created' in result && result.created) this.#onForgotten(result.conversationId);
    return result;
  }

  async #inTransaction<Result>(
    work: (within: Prisma.TransactionClient) => Promise<Result>,
  ): Promise<Result | NotReplaced> {
    try {
      return await this.#prisma.$transaction(work, LIMITS);
    } catch (error) {
      if (error instanceof Undone) return error.result;
      throw error;
    }
  }

  async #record(
    prisma: Pick<PrismaClient, '$queryRaw'>,
    message: IncomingMessage,
    scope: MemoryScope,
    limits: AuthorLimits,
  ): Promise<RecordedTurn | OverLimit> {
    for (let look = 0; look < LOOKS; look++) {
      const [row] = await insertOrFind(prisma, this.#boxes, message, scope, limits);
      if (!row) continue;
      if (row.over === 'key-turns') return { over: 'turns', keyAllows: row.allowed };
      if (row.over === 'key-tokens') return { over: 'tokens', keyAllows: row.allowed };
      if (row.over !== null) return { over: row.over };
      const { turn_id: turnId, conversation_id: conversationId, created, ahead } = row;
      return { turnId, conversationId, created, ahead: Number(ahead) };
    }
    throw new Error('a message that exists could not be read');
  }
}

/**
 * Writes conversation, message and turn in one statement, or finds them, or finds the author or the API key over a
 * limit. The one statement costs half of what reading usage first and writing then would.
 *
 * Touching the conversation's row serialises those who write to it, so that turn ids rise in the order of commits.
 */
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

/** @throws {Undone} where that cannot be */
async function forget(
  within: Prisma.TransactionClient,
  replaced: TurnId,
  { turnId, conversationId }: RecordedTurn,
): Promise<void> {
  const range = Prisma.sql`conversation_id = ${conversationId} AND id >= ${replaced} AND id < ${turnId}`;
  const rows = await within.$queryRaw<ReplacedRow[]>`
    SELECT id, state IN ('pending', 'running') AS unfinished, forgotten FROM turn
    WHERE ${range} ORDER BY id FOR UPDATE`;
  const first = rows.find(({ id }) => id === replaced);
  if (!first) throw new Undone({ notReplaced: 'unknown' });
  if (first.forgotten) throw new Undone({ notReplaced: 'forgotten' });
  if (rows.some(({ unfinished, forgotten }) => unfinished && !forgotten))
    throw new Undone({ notReplaced: 'unfinished' });
  // Where the prompt began after what is gone, the turns before have room again.
  await within.$executeRaw`
    WITH gone AS (
      UPDATE turn SET ${FORGOTTEN} WHERE ${range} AND NOT forgotten RETURNING id, message_id
    ), emptied AS (
      UPDATE message SET ${EMPTIED} FROM gone WHERE message.id = gone.message_id
    ), uncommented AS (${UNCOMMENTED})
    UPDATE conversation SET window_start = 0 WHERE id = ${conversationId} AND window_start >= ${replaced}`;
}
