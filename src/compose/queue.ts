import type { z } from 'zod';
import type { ParleyConfig } from '../config/parley-config.js';
import { localLiveEvents } from '../exchange/local-live-events.js';
import { memoryEditBudget } from '../exchange/memory-edit-slots.js';
import { redisEditBudget } from '../exchange/redis-edit-slots.js';
import { redisLiveEvents } from '../exchange/redis-live-events.js';
import type { EditBudget } from '../ports/delivery/edit-budget.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { JobQueue } from '../ports/queue/job-queue.js';
import type { QueueBoard } from '../ports/queue/queue-board.js';
import type { LiveEvents } from '../ports/turns/live-events.js';
import { within } from '../process/time-limit.js';
import { createJobQueue, type JobQueueOptions } from '../queue/job-queue.js';
import { postgresBackend } from '../queue/postgres-backend.js';
import { queueBoard } from '../queue/queue-board.js';
import { redisBackend } from '../queue/redis-backend.js';
import type { Database } from '../storage/database/database.js';

/** Turns whose logs are to be posted. */
export const LOG_EXPORT_QUEUE = 'log-export';

/** A start waits this long for the queue's tables: many times what making them takes on a busy machine. */
const PREPARE_MS = 15_000;

export interface Queues {
  readonly live: LiveEvents;
  readonly budget: EditBudget;
  /**
   * Makes the tables of a queue that lives in the database: else the first message would wait for them, perhaps for
   * longer than one may. Where that fails, or takes longer than `limitMs`, it is tried again with each message.
   *
   * @param limitMs - default: 15 s
   */
  prepare(limitMs?: number): Promise<void>;
  open<Payload>(
    name: string,
    schema: z.ZodType<Payload>,
    dedupeId: (payload: Payload) => string,
    options?: JobQueueOptions,
  ): JobQueue<Payload>;
  /** Jobs waiting, delayed and running in each queue opened here, whichever process added them. */
  depths(): Promise<ReadonlyMap<string, number>>;
  /**
   * Pages on each queue opened here, and on `others`, which other processes open.
   *
   * @param basePath - where they are mounted
   */
  board(basePath: string, others: readonly string[]): QueueBoard;
  check(
    queue: Pick<JobQueue<unknown>, 'depth'>,
  ): Promise<{ readonly name: string; readonly ok: boolean; readonly reason?: string }>;
  /** Stops the queues opened, then what they run on. */
  stop(): Promise<void>;
}

/**
 * The queue, live events and edit budgets: on Redis where there is one, else in the database and this process.
 *
 * Nothing is opened before `prepare` or its first use, so nothing here throws.
 */
export function composeQueue(
  config: ParleyConfig,
  database: Database,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Queues {
  const url = config.redisUrl;
  const backend =
    url === null ? postgresBackend(database.queuePool, database.kind === 'embedded') : redisBackend(url, log);
  const live = url === null ? localLiveEvents(log) : redisLiveEvents(url, log);
  const budget =
    url === null ? { ...memoryEditBudget(clock), stop: async () => {} } : redisEditBudget(url, clock, log);
  const opened = new Map<string, { stop(): Promise<void>; depth(): Promise<number> }>();
  const boards: { stop(): Promise<void> }[] = [];
  return {
    live,
    budget,
    async prepare(limitMs = PREPARE_MS) {
      if (url !== null) return;
      await within(limitMs, backend.ready(), () => new Error('no answer in time')).catch((err: unknown) =>
        log.warn({ err }, 'the queue is not ready yet'),
      );
    },
    open(name, schema, dedupeId, options) {
      const queue = createJobQueue(name, schema, dedupeId, backend, log, options);
      opened.set(name, queue);
      return queue;
    },
    async depths() {
      const depths = [...opened].map(async ([name, queue]) => [name, await queue.depth()] as const);
      return new Map(await Promise.all(depths));
    },
    board(basePath, others) {
      const names = () => [...new Set([...opened.keys(), ...others])];
      const board = queueBoard({ basePath, names, backend, log });
      boards.push(board);
      return board;
    },
    async check(queue) {
      try {
        await queue.depth();
        return { name: 'queue', ok: true };
      } catch {
        return { name: 'queue', ok: false, reason: 'The queue is out of reach.' };
      }
    },
    async stop() {
      await Promise.all([...opened.values(), ...boards].map((each) => each.stop()));
      await Promise.all([live.stop(), budget.stop()]);
      await backend.stop();
    },
  };
}
