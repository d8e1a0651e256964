import { ExpectedFailure } from '../domain/failure.js';
import { connectionErrorLog, errorReason } from '../exchange/connection-errors.js';
import type { Log } from '../ports/process/log.js';
import { ended, within } from '../process/time-limit.js';
import type { OpenQueue, QueueBackend } from './queue-backend.js';

/** Milliseconds `stop` waits for a connection to close. */
const CLOSE_MS = 2_000;

/** One of BullMQ's queues, opened when it is first asked. */
export interface ReachableQueue {
  /**
   * Asks the queue something.
   *
   * @param what - completes "cannot … the queue", for the error
   * @throws {ExpectedFailure} `setup`, retryable, where it fails or takes longer than the limit
   */
  reach<T>(what: string, ask: (queue: OpenQueue) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** @param limitMs - what one question may take */
export function reachableQueue(
  name: string,
  backend: QueueBackend,
  log: Log,
  limitMs: number,
): ReachableQueue {
  const onError = connectionErrorLog(log, { queue: name });
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

  return {
    async reach(what, ask) {
      try {
        return await within(
          limitMs,
          backend.ready().then(open).then(ask),
          () => new Error('no answer in time'),
        );
      } catch (cause) {
        throw new ExpectedFailure('setup', `cannot ${what} the queue ${name}: ${errorReason(cause)}`, {
          retryable: true,
          cause,
        });
      }
    },
    async stop() {
      stopped = true;
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
