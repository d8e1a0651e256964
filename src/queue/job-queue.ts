import type { z } from 'zod';
import type { Log } from '../ports/process/log.js';
import type { JobQueue, JobWorker } from '../ports/queue/job-queue.js';
import { createJobProcessor } from './job-processor.js';
import { RETRY_TYPE, startJobWorker } from './job-worker.js';
import type { QueueBackend } from './queue-backend.js';
import { reachableQueue } from './reachable-queue.js';
import type { RetryPace } from './retry-delay.js';

export interface JobQueueOptions {
  /** Attempts at one job that fails in a way worth retrying. */
  readonly attempts?: number;
  readonly retry?: RetryPace;
  /** Milliseconds after which an add that got no answer has failed. It may still take effect: jobs are absorbed by id. */
  readonly addTimeoutMs?: number;
}

const DEFAULTS = {
  attempts: 10,
  retry: { firstMs: 500, lastMs: 60_000 },
  addTimeoutMs: 2_000,
} satisfies JobQueueOptions;

/**
 * Jobs of one kind on BullMQ.
 *
 * @param name - of the queue on its backend; no colons
 * @param schema - what a payload must look like when a job is taken; whatever else lies there fails for good
 * @param dedupeId - jobs with the same id absorb each other
 * @param backend - stays open when the queue stops
 */
export function createJobQueue<Payload>(
  name: string,
  schema: z.ZodType<Payload>,
  dedupeId: (payload: Payload) => string,
  backend: QueueBackend,
  log: Log,
  options: JobQueueOptions = {},
): JobQueue<Payload> {
  const { attempts, retry, addTimeoutMs } = { ...DEFAULTS, ...options };
  const reachable = reachableQueue(name, backend, log, addTimeoutMs);
  const { reach } = reachable;
  const workers = new Set<JobWorker>();
  let stopping = false;

  return {
    async add(payload) {
      await reach('add to', (queue) =>
        queue.add(name, payload, {
          deduplication: { id: dedupeId(payload), keepLastIfActive: true },
          attempts,
          backoff: { type: RETRY_TYPE },
          removeOnComplete: true,
          // Kept a while so that an operator can see what failed.
          removeOnFail: { age: 7 * 24 * 3600, count: 1_000 },
          stackTraceLimit: 5,
        }),
      );
    },

    work(handler, { concurrency }) {
      if (stopping) throw new Error(`the queue ${name} was stopped`);
      const processor = createJobProcessor(name, schema, handler, attempts, log);
      const worker = startJobWorker({ name, backend, processor, concurrency, retry, log });
      workers.add(worker);
      return {
        async stop(graceMs) {
          await worker.stop(graceMs);
          workers.delete(worker);
        },
      };
    },

    async depth() {
      const counts = await reach('count', (queue) =>
        queue.getJobCounts('wait', 'prioritized', 'delayed', 'active'),
      );
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },

    async stop() {
      stopping = true;
      await Promise.all([...workers].map((worker) => worker.stop(0)));
      await reachable.stop();
    },
  };
}
