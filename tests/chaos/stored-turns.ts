import { createLog } from '../../src/process/logger.js';
import { systemClock } from '../../src/process/system-clock.js';
import { openDatabase } from '../../src/storage/open-database.js';

/** A turn as the database has it. */
export interface StoredTurn {
  readonly id: number;
  /** `platform/channel/message id` of the question. */
  readonly key: string;
  readonly state: string;
  readonly reply: string;
  readonly failure: string | null;
  readonly attempts: number;
  /** Milliseconds since 1970; null where it has not ended. */
  readonly finishedAt: number | null;
}

interface Row extends Omit<StoredTurn, 'finishedAt'> {
  readonly finished_at: Date | null;
}

const TURNS = `
SELECT turn.id, message.platform || '/' || message.channel || '/' || message.platform_message_id AS key,
       turn.state, turn.reply, turn.failure_kind AS failure, turn.attempt AS attempts, turn.finished_at
FROM turn JOIN message ON message.id = turn.message_id ORDER BY turn.id`;

/**
 * All turns, the oldest first.
 *
 * @param place - of the database: an address, or the data folder of a process that has ended
 */
export async function readTurns(
  place: { readonly url: string } | { readonly dataDir: string },
): Promise<readonly StoredTurn[]> {
  const database = await openDatabase({
    dataDir: '',
    ...place,
    clock: systemClock,
    log: createLog('silent'),
  });
  try {
    const { rows } = await database.pool.query<Row>(TURNS);
    return rows.map(({ finished_at, ...turn }) => ({ ...turn, finishedAt: finished_at?.getTime() ?? null }));
  } finally {
    await database.stop();
  }
}
