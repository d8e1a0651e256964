import type { ConversationId } from '../../src/domain/turn.js';
import { type DrainDeps, drainConversation } from '../../src/pipeline/drain-conversation.js';
import type { JobQueue, JobWorker } from '../../src/ports/job-queue.js';

/**
 * Answers conversations as they are woken up.
 *
 * @param queues - of wake-ups, all taken alike
 * @param owner - this worker's name in leases; unique among all workers of one database
 * @param concurrency - conversations of each queue answered at once. Most of that time is waiting for a model, so it
 *   may be far above the number of cores.
 */
export function startReplyWorker(
  queues: readonly JobQueue<{ readonly conversationId: ConversationId }>[],
  owner: string,
  deps: Omit<DrainDeps, 'leaving'>,
  concurrency: number,
): JobWorker {
  const leaving = new AbortController();
  const draining = { ...deps, leaving: leaving.signal };
  const workers = queues.map((wakeUps) =>
    wakeUps.work(({ conversationId }, signal) => drainConversation(conversationId, owner, draining, signal), {
      concurrency,
    }),
  );
  return {
    async stop(graceMs) {
      leaving.abort();
      await Promise.all(workers.map((worker) => worker.stop(graceMs)));
    },
  };
}
