import type { TurnId } from '../../domain/turn.js';
import type { Backlog, OverdueConversation, TurnUpkeep } from '../../ports/turns/turn-upkeep.js';
import { reaching } from '../database/database-failure.js';
import { addressOf, type PlaceRow } from '../database/place-row.js';
import type { PrismaClient } from '../generated/client.js';

interface OverdueRow extends PlaceRow {
  readonly conversation_id: number;
  readonly asked_model: string | null;
}

interface BacklogRow {
  readonly pending: bigint;
  readonly running: bigint;
  readonly oldest_ms: number | null;
}

export class PrismaTurnUpkeep implements TurnUpkeep {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  /** Each conversation with what its oldest unfinished turn asks for. */
  async overdue(olderThanMs: number, limit: number): Promise<readonly OverdueConversation[]> {
    const rows = await reaching(
      this.#prisma.$queryRaw<OverdueRow[]>`
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
        ORDER BY overdue.first`,
    );
    return rows.map((row) => ({
      conversationId: row.conversation_id,
      model: row.asked_model,
      address: addressOf(row),
    }));
  }

  /** What is still to be answered, in all processes together. */
  async backlog(): Promise<Backlog> {
    const [row] = await reaching(
      this.#prisma.$queryRaw<BacklogRow[]>`
        SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
               count(*) FILTER (WHERE state = 'running') AS running,
               (extract(epoch FROM clock_timestamp()
                  - min(coalesce(regenerated_at[cardinality(regenerated_at)], created_at))
                      FILTER (WHERE state = 'pending')) * 1000)::float8 AS oldest_ms
        FROM turn WHERE state IN ('pending', 'running')`,
    );
    const { pending = 0n, running = 0n, oldest_ms: oldestPendingMs = null } = row ?? {};
    return { pending: Number(pending), running: Number(running), oldestPendingMs: oldestPendingMs ?? 0 };
  }

  async abandonLeases(owner: string | 'everyone'): Promise<number> {
    const { count } = await reaching(
      this.#prisma.turn.updateMany({
        where: { state: 'running', ...(owner === 'everyone' ? {} : { leaseOwner: owner }) },
        data: { state: 'pending', leaseOwner: null, leaseUntil: null },
      }),
    );
    return count;
  }

  /**
   * A turn whose credential may still be used holds the mark back: what is read again each time is half an hour at most.
   * So does the last minute, since a younger turn may be committed before an older one.
   */
  async eraseCredentials(from: TurnId, now: Date): Promise<TurnId> {
    const [row] = await reaching(
      this.#prisma.$queryRaw<{ readonly mark: number | null }[]>`
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
                         WHERE id > ${from} AND created_at < clock_timestamp() - interval '1 minute')) AS mark`,
    );
    return Math.max(from, row?.mark ?? 0);
  }
}
