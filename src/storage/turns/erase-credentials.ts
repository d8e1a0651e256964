import type { TurnId } from '../../domain/turn.js';
import type { PrismaClient } from '../generated/client.js';

/**
 * A turn whose credential may still be used holds the mark back: what is read again each time is half an hour at most.
 * So does the last minute, since a younger turn may be committed before an older one.
 */
export async function eraseCredentials(prisma: PrismaClient, from: TurnId, now: Date): Promise<TurnId> {
  const [row] = await prisma.$queryRaw<{ readonly mark: number | null }[]>`
    WITH held AS (
      SELECT id, state IN ('done', 'failed', 'cancelled')
                 AND (target->'credential'->>'expiresAt')::float8 < ${now.getTime()}::float8 AS over
      FROM turn WHERE id > ${from} AND jsonb_exists(target, 'credential')
    ), erased AS (
      UPDATE turn SET target = target - 'credential'
      FROM held WHERE turn.id = held.id AND held.over
    )
    SELECT coalesce((SELECT min(id) - 1 FROM held WHERE NOT over),
                    (SELECT max(id) FROM turn
                     WHERE id > ${from} AND created_at < clock_timestamp() - interval '1 minute')) AS mark`;
  return Math.max(from, row?.mark ?? 0);
}
