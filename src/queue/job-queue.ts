import type { z } from 'zod';
import { ExpectedFailure } from '../domain/failure.js';
import type { JobQueue, JobWorker } from '../ports/job-queue.js';
import type { Log } from '../ports/log.js';
import { connectionErrorLog, errorReason } from './connection-errors.js';
import { createJobProcessor } from './job-processor.js';
import { RETRY_TYPE, startJobWorker } from './job-worker.js';
import type { OpenQueue, QueueBackend } from './queue-backend.js';
import type { RetryPace } from './retry-delay.js';
import { ended, within } from './time-limit.js';

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

/** Milliseconds `stop` waits for a connection to close. */
const CLOSE_MS = 2_000;

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
  const onError = connectionErrorLog(log, { queue: name });
  const workers = new Set<JobWorker>();
  let opening: Promise<OpenQueue> | undefined;
  let stopped = false;

  /** BullMQ's PostgreSQL queue remembers a failed start for ever, so one that failed is replaced. */
  function open(): Promise<OpenQueue> {
    if (stopped) return Promise.reject(new Error(`the queue ${name} was stopped`));
    opening ??= openReady(backend, name, onError);
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  }

  async function reach<T>(what: string, ask: (queue: OpenQueue) => Promise<T>): Promise<T> {
    try {
      return await within(
        addTimeoutMs,
        backend.ready().then(open).then(ask),
        () => new Error('no answer in time'),
      );
    } catch (cause) {
      throw new ExpectedFailure('setup', `cannot ${what} the queue ${name}: ${errorReason(cause)}`, {
        retryable: true,
        cause,
      });
    }
  }

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
      if (stopped) throw new Error(`the queue ${name} was stopped`);
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
      stopped = true;
      await Promise.all([...workers].map((worker) => worker.stop(0)));
      const queue = await opening?.catch(() => undefined);
      if (queue && !(await ended(queue.close(), CLOSE_MS))) await ended(queue.disconnect(), CLOSE_MS);
    },
  };
}

async function openReady(
  backend: QueueBackend,
  name: string,
  onError: (error: unknown) => void,
): Promise<OpenQueue> {
  const queue = backend.openQueue(name, onError);
  try {
    await queue.waitUntilReady();
    return queue;
  } catch (error) {
    await ended(queue.close(), CLOSE_MS);
    throw error;
  }
}
