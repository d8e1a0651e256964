import { DAY_MS } from '../../src/domain/time/duration.js';
import type { ConversationId } from '../../src/domain/turn.js';
import { type DrainDeps, drainConversation } from '../../src/pipeline/answer/drain-conversation.js';
import type { JobQueue, JobWorker } from '../../src/ports/queue/job-queue.js';

type WakeUpJobs = JobQueue<{ readonly conversationId: ConversationId }>;

export interface ReplyWorker extends JobWorker {
  /** Takes wake-ups from these queues from now on, and from no other. What was taken is answered in its own time. */
  takeFrom(queues: readonly WakeUpJobs[]): void;
}

/** Longer than any reply takes. */
const IN_ITS_OWN_TIME_MS = DAY_MS;

/**
 * Answers conversations as they are woken up.
 *
 * @param queues - of wake-ups, all taken alike
 * @param owner - this worker's name in leases; unique among all workers of one database
 * @param concurrency - conversations of each queue answered at once. Most of that time is waiting for a model, so it
 *   may be far above the number of cores.
 */
export function startReplyWorker(
  queues: readonly WakeUpJobs[],
  owner: string,
  deps: Omit<DrainDeps, 'leaving'>,
  concurrency: number,
): ReplyWorker {
  const leaving = new AbortController();
  const draining = { ...deps, leaving: leaving.signal };
  const taking = new Map<WakeUpJobs, JobWorker>();
  const left = new Set<JobWorker>();
  const take = (wakeUps: WakeUpJobs) =>
    wakeUps.work(({ conversationId }, signal) => drainConversation(conversationId, owner, draining, signal), {
      concurrency,
    });

  async function leave(wakeUps: WakeUpJobs, worker: JobWorker): Promise<void> {
    taking.delete(wakeUps);
    left.add(worker);
    await worker.stop(IN_ITS_OWN_TIME_MS);
    left.delete(worker);
  }

  function takeFrom(wanted: readonly WakeUpJobs[]): void {
    if (leaving.signal.aborted) return;
    for (const [wakeUps, worker] of taking) if (!wanted.includes(wakeUps)) void leave(wakeUps, worker);
    for (const wakeUps of wanted) if (!taking.has(wakeUps)) taking.set(wakeUps, take(wakeUps));
  }

  takeFrom(queues);
  return {
    takeFrom,
    async stop(graceMs) {
      leaving.abort();
      await Promise.all([...taking.values(), ...left].map((worker) => worker.stop(graceMs)));
    },
  };
}
