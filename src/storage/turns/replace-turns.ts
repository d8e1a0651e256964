import type { TurnId } from '../../domain/turn.js';
import type { NotReplaced, OverLimit, RecordedTurn } from '../../ports/turns/turn-store.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import { EMPTIED, FORGOTTEN, UNCOMMENTED } from '../memory/forgotten-turns.js';

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

/**
 * Records a turn and forgets those from `replaced` on in one transaction. Recording locks the conversation's row, so
 * that of two replacements at once the second sees what the first has done; the turns are locked before they are judged,
 * since a regeneration takes no lock on the conversation.
 *
 * @param record - writes the new turn, or finds it
 */
export async function replaceTurns(
  prisma: PrismaClient,
  replaced: TurnId,
  record: (prisma: Prisma.TransactionClient) => Promise<RecordedTurn | OverLimit>,
): Promise<RecordedTurn | OverLimit | NotReplaced> {
  try {
    return await prisma.$transaction(async (within) => {
      const recorded = await record(within);
      if ('over' in recorded || !recorded.created) return recorded;
      await forget(within, replaced, recorded);
      return recorded;
    }, LIMITS);
  } catch (error) {
    if (error instanceof Undone) return error.result;
    throw error;
  }
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
