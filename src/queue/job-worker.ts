import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedFailure } from '../domain/failure.js';
import { connectionErrorLog } from '../exchange/connection-errors.js';
import type { Log } from '../ports/process/log.js';
import type { JobWorker } from '../ports/queue/job-queue.js';
import { ended } from '../process/time-limit.js';
import type { JobProcessor } from './job-processor.js';
import type { OpenWorker, QueueBackend } from './queue-backend.js';
import { type RetryPace, retryDelay } from './retry-delay.js';

/** Names our backoff in a job's options. */
export const RETRY_TYPE = 'paced';

/**
 * Milliseconds a job stays with a worker that gives no sign (a living one renews at half of them), and as much as a
 * check later with one that was killed: within 5 s another must have gone on with its reply.
 */
const LOCK_MS = 3_000;
const STALLED_CHECK_MS = 500;
/** Seconds a worker waits for a wake-up before it looks for itself: what a lost one costs. */
const DRAIN_DELAY_S = 5;
/** Deaths of its worker that a job survives: whatever happens to workers, the turn itself is to be answered. */
const MAX_STALLED = 1_000;
/** Milliseconds that jobs have to end after their signal aborted. */
const ABORTED_MS = 3_000;
/** Milliseconds for connections to close. */
const CLOSE_MS = 2_000;
const START_RETRY: RetryPace = { firstMs: 200, lastMs: 5_000 };

export interface JobWorkerOptions {
  readonly name: string;
  readonly backend: QueueBackend;
  readonly processor: JobProcessor;
  readonly concurrency: number;
  readonly retry: RetryPace;
  readonly log: Log;
}

/** Consumes one queue from the moment its backend can be reached. */
export function startJobWorker(options: JobWorkerOptions): JobWorker {
  const { name, backend, processor, log } = options;
  const onError = connectionErrorLog(log, { queue: name, side: 'worker' });
  const stopping = new AbortController();
  let worker: OpenWorker | undefined;

  /** BullMQ reconnects by itself, but only a worker that was ready once: until then a new one is made. */
  async function start(): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures++) {
      try {
        await backend.ready();
        if (stopping.signal.aborted) return;
        worker = openWorker(options, onError);
        await worker.waitUntilReady();
        return;
      } catch (error) {
        onError(error);
        const broken = worker;
        worker = undefined;
        if (broken) await ended(broken.close(true), CLOSE_MS);
        const pause = retryDelay(START_RETRY, failures, undefined, Math.random());
        await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  async function stop(graceMs: number): Promise<void> {
    stopping.abort();
    if (!worker) {
      await ended(starting, CLOSE_MS);
      if (!worker) return;
    }
    const closing = worker.close();
    const closeMs = Math.min(graceMs, CLOSE_MS);
    if (await ended(closing, closeMs)) return;
    if (processor.running > 0 && (await ended(closing, graceMs - closeMs))) return;
    processor.handBack();
    if (await ended(closing, ABORTED_MS)) return;
    // Its lock runs out, and another worker takes the job.
    if (processor.running > 0)
      log.error({ queue: name, jobs: processor.running }, 'jobs ignored their signal');
    await ended(worker.disconnect(), CLOSE_MS);
  }

  const starting = start();
  return { stop };
}

function openWorker(options: JobWorkerOptions, onError: (error: unknown) => void): OpenWorker {
  const { name, backend, processor, concurrency, retry } = options;
  return backend.openWorker(
    name,
    (job, token) => processor.process(job, token),
    {
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
      drainDelay: DRAIN_DELAY_S,
      // After a database was away: 15 s by default.
      runRetryDelay: 1_000,
      settings: {
        backoffStrategy: (attemptsMade, _type, error) => {
          const asked = error instanceof ExpectedFailure ? error.retryAfterMs : undefined;
          return retryDelay(retry, attemptsMade, asked, Math.random());
        },
      },
    },
    onError,
  );
}
