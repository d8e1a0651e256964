import type { DeliveryTarget, TurnId } from '../../domain/turn.js';
import type { AbandonedTurns, TurnControl } from '../../ports/turns/turn-control.js';
import { reaching } from '../database/database-failure.js';
import { retryingConflicts } from '../database/retrying-conflicts.js';
import { storableJson } from '../database/storable-text.js';
import type { PrismaClient } from '../generated/client.js';

/** Stops, ends and begins turns again. What is claimed meanwhile is left to who holds it. */
export class PrismaTurnControl implements TurnControl {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  async requestStop(turnId: TurnId): Promise<boolean> {
    const { count } = await reaching(
      this.#prisma.turn.updateMany({
        where: { id: turnId, state: { in: ['pending', 'running'] } },
        data: { stopRequested: true },
      }),
    );
    return count > 0;
  }

  /** Lets a turn that has ended be answered again, as another revision. */
  async regenerate(turnId: TurnId): Promise<boolean> {
    const written = await reaching(
      this.#prisma.$executeRaw`
        UPDATE turn SET state = 'pending', revision = revision + 1, stop_requested = false,
               reply = '', model = NULL, finish_reason = NULL, failure_kind = NULL, notice = NULL,
               replaced_tokens = replaced_tokens + prompt_tokens + reply_tokens,
               prompt_tokens = 0, cached_tokens = 0, reply_tokens = 0,
               started_at = NULL, finished_at = NULL, exported_at = NULL,
               regenerated_at = ARRAY(SELECT again FROM unnest(regenerated_at) AS again
                                      WHERE again > clock_timestamp() - interval '1 hour') || clock_timestamp()
        WHERE id = ${turnId} AND state IN ('done', 'failed', 'cancelled') AND NOT forgotten`,
    );
    return written > 0;
  }

  /** Ends turns that wait, and marks running ones to be stopped: their worker ends them. One statement, one snapshot. */
  async abandon(target: DeliveryTarget): Promise<AbandonedTurns> {
    const wanted = storableJson(target);
    const rows = await reaching(
      retryingConflicts(
        () => this.#prisma.$queryRaw<{ readonly id: TurnId; readonly ended: boolean }[]>`
          WITH ended AS (
            UPDATE turn SET state = 'failed', failure_kind = 'delivery-failed', notice = '',
                   reply = '', model = NULL, sampling = NULL, finish_reason = NULL, finished_at = clock_timestamp()
            WHERE state = 'pending' AND target @> ${wanted}::jsonb
            RETURNING id
          ), stopped AS (
            UPDATE turn SET stop_requested = true WHERE state = 'running' AND target @> ${wanted}::jsonb
            RETURNING id
          )
          SELECT id, true AS ended FROM ended UNION ALL SELECT id, false FROM stopped`,
      ),
    );
    const ids = (ended: boolean) => rows.filter((row) => row.ended === ended).map(({ id }) => id);
    return { ended: ids(true), running: ids(false) };
  }
}
