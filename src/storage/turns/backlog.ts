import type { Backlog } from '../../ports/turns/turn-store.js';
import type { PrismaClient } from '../generated/client.js';

interface BacklogRow {
  readonly pending: bigint;
  readonly running: bigint;
  readonly oldest_ms: number | null;
}

/** What is still to be answered, in all processes together. */
export async function readBacklog(prisma: PrismaClient): Promise<Backlog> {
  const [row] = await prisma.$queryRaw<BacklogRow[]>`
    SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
           count(*) FILTER (WHERE state = 'running') AS running,
           (extract(epoch FROM clock_timestamp()
              - min(coalesce(regenerated_at[cardinality(regenerated_at)], created_at))
                  FILTER (WHERE state = 'pending')) * 1000)::float8 AS oldest_ms
    FROM turn WHERE state IN ('pending', 'running')`;
  const { pending = 0n, running = 0n, oldest_ms: oldestPendingMs = null } = row ?? {};
  return { pending: Number(pending), running: Number(running), oldestPendingMs: oldestPendingMs ?? 0 };
}
