import type { DeliveryTarget, TurnId } from '../../domain/turn.js';
import type { AbandonedTurns } from '../../ports/turns/turn-store.js';
import { storableJson } from '../database/storable-text.js';
import type { PrismaClient } from '../generated/client.js';

/** Ends turns that wait, and marks running ones to be stopped: their worker ends them. One statement, one snapshot. */
export async function abandonTurns(prisma: PrismaClient, target: DeliveryTarget): Promise<AbandonedTurns> {
  const wanted = storableJson(target);
  const rows = await prisma.$queryRaw<{ readonly id: TurnId; readonly ended: boolean }[]>`
    WITH ended AS (
      UPDATE turn SET state = 'failed', failure_kind = 'delivery-failed', notice = '',
             reply = '', model = NULL, sampling = NULL, finish_reason = NULL, finished_at = clock_timestamp()
      WHERE state = 'pending' AND target @> ${wanted}::jsonb
      RETURNING id
    ), stopped AS (
      UPDATE turn SET stop_requested = true WHERE state = 'running' AND target @> ${wanted}::jsonb
      RETURNING id
    )
    SELECT id, true AS ended FROM ended UNION ALL SELECT id, false FROM stopped`;
  const ids = (ended: boolean) => rows.filter((row) => row.ended === ended).map(({ id }) => id);
  return { ended: ids(true), running: ids(false) };
}
