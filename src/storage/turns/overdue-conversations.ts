import type { OverdueConversation } from '../../ports/turns/turn-store.js';
import { addressOf, type PlaceRow } from '../database/place-row.js';
import type { PrismaClient } from '../generated/client.js';

interface OverdueRow extends PlaceRow {
  readonly conversation_id: number;
  readonly asked_model: string | null;
}

/** Conversations with turns pending or abandoned for `olderThanMs`, each with what its oldest unfinished turn asks for. */
export async function overdueConversations(
  prisma: PrismaClient,
  olderThanMs: number,
  limit: number,
): Promise<readonly OverdueConversation[]> {
  const rows = await prisma.$queryRaw<OverdueRow[]>`
    WITH overdue AS (
      SELECT conversation_id, min(id) AS first FROM turn
      WHERE (state = 'pending' AND created_at < clock_timestamp() - ${olderThanMs} * interval '1 millisecond')
         OR (state = 'running' AND lease_until <= clock_timestamp())
      GROUP BY conversation_id ORDER BY first LIMIT ${limit}
    )
    SELECT overdue.conversation_id, next.asked_model,
           place.platform, place.app, place.workspace, place.channel, place.thread, place.parent, place.kind
    FROM overdue
    JOIN conversation AS place ON place.id = overdue.conversation_id
    CROSS JOIN LATERAL (
      SELECT asked_model FROM turn
      WHERE turn.conversation_id = overdue.conversation_id AND turn.state IN ('pending', 'running')
      ORDER BY turn.id LIMIT 1
    ) AS next
    ORDER BY overdue.first`;
  return rows.map((row) => ({
    conversationId: row.conversation_id,
    model: row.asked_model,
    address: addressOf(row),
  }));
}
