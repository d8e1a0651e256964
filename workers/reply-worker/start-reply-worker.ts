import type { WakeUp } from '../../src/pipeline/accept-message.js';
import type { AnswerTurnDeps } from '../../src/pipeline/answer-turn.js';
import { drainConversation } from '../../src/pipeline/drain-conversation.js';
import type { JobQueue, JobWorker } from '../../src/ports/job-queue.js';

/**
 * Answers conversations as they are woken up.
 *
 * @param owner - this worker's name in leases; unique among all workers of one database
 * @param concurrency - conversations answered at once. Most of that time is waiting for a model, so it may be far
 *   above the number of cores.
 */
export function startReplyWorker(
  wakeUps: JobQueue<WakeUp>,
  owner: string,
  deps: AnswerTurnDeps,
  concurrency: number,
): JobWorker {
  return wakeUps.work(
    ({ conversationId }, signal) => drainConversation(conversationId, owner, deps, signal),
    {
      concurrency,
    },
  );
}
