import type { TurnId } from '../../domain/turn.js';
import type { PrismaClient } from '../generated/client.js';

/**
 * Lets a turn that has ended be answered again, as another revision.
 *
 * @returns rows written; 0 where it has not ended, or was forgotten
 */
export function regenerateTurn(prisma: PrismaClient, turnId: TurnId): Promise<number> {
  return prisma.$executeRaw`
    UPDATE turn SET state = 'pending', revision = revision + 1, stop_requested = false,
           reply = '', model = NULL, finish_reason = NULL, failure_kind = NULL, notice = NULL,
           replaced_tokens = replaced_tokens + prompt_tokens + reply_tokens,
           prompt_tokens = 0, cached_tokens = 0, reply_tokens = 0,
           started_at = NULL, finished_at = NULL, exported_at = NULL,
           regenerated_at = ARRAY(SELECT again FROM unnest(regenerated_at) AS again
                                  WHERE again > clock_timestamp() - interval '1 hour') || clock_timestamp()
    WHERE id = ${turnId} AND state IN ('done', 'failed', 'cancelled') AND NOT forgotten`;
}
