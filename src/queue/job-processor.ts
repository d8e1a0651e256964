import { type Job, UnrecoverableError, WaitingError } from 'bullmq';
import type { z } from 'zod';
import { ExpectedFailure } from '../domain/failure.js';
import type { Log } from '../ports/process/log.js';

/** Handles one job of BullMQ's; throws what tells BullMQ how to go on. */
export interface JobProcessor {
  process(job: Job, token: string | undefined): Promise<void>;
  /** Jobs running now. */
  readonly running: number;
  /** Aborts the signals of running jobs; they and all that start later go back to the queue, no attempt counted. */
  handBack(): void;
}

const HANDED_BACK = 'the worker is stopping';

/**
 * Validates a job's payload, runs `handler`, and translates its failures.
 *
 * @param attempts - how often a job is tried in all, for the log
 */
export function createJobProcessor<Payload>(
  queue: string,
  schema: z.ZodType<Payload>,
  handler: (payload: Payload, signal: AbortSignal) => Promise<void>,
  attempts: number,
  log: Log,
): JobProcessor {
  const running = new Set<AbortController>();
  let stopping = false;

  async function handle(job: Job): Promise<void> {
    const controller = new AbortController();
    if (stopping) controller.abort(new Error(HANDED_BACK));
    controller.signal.throwIfAborted();
    running.add(controller);
    try {
      await handler(readPayload(queue, schema, job, log), controller.signal);
    } finally {
      running.delete(controller);
    }
  }

  return {
    get running() {
      return running.size;
    },
    handBack() {
      stopping = true;
      for (const controller of running) controller.abort(new Error(HANDED_BACK));
    },
    async process(job, token) {
      try {
        await handle(job);
      } catch (error) {
        if (stopping && token !== undefined && !(error instanceof UnrecoverableError)) {
          await job.moveToWait(token);
          throw new WaitingError(HANDED_BACK);
        }
        throw translate(error, { queue, jobId: job.id, attempt: job.attemptsMade + 1, attempts }, log);
      }
    },
  };
}

function readPayload<Payload>(queue: string, schema: z.ZodType<Payload>, job: Job, log: Log): Payload {
  const parsed = schema.safeParse(job.data);
  if (parsed.success) return parsed.data;
  // Names and codes only: the values may be anything.
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.code}`);
  log.error({ queue, jobId: job.id, problems }, 'malformed job dropped');
  throw new UnrecoverableError(`malformed payload (${problems.join(', ')})`);
}

interface Circumstances {
  readonly queue: string;
  readonly jobId: string | undefined;
  readonly attempt: number;
  readonly attempts: number;
}

/** What BullMQ is to be told: an UnrecoverableError ends the job, all else is tried again. */
function translate(error: unknown, at: Circumstances, log: Log): unknown {
  if (error instanceof UnrecoverableError) return error;
  if (!(error instanceof ExpectedFailure)) {
    log.error({ ...at, err: error }, 'job failed unexpectedly');
    return error;
  }
  const fields = { ...at, kind: error.kind, reason: error.message };
  if (!error.retryable) {
    log.error(fields, 'job failed for good');
    return new UnrecoverableError(error.message);
  }
  if (at.attempt >= at.attempts) log.error(fields, 'job failed, no attempt left');
  else log.warn(fields, 'job failed, will be tried again');
  return error;
}
