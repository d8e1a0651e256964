import { afterAll, afterEach, beforeAll } from 'vitest';
import { z } from 'zod';
import type { JobQueue } from '../../../src/ports/queue/job-queue.js';
import type { JobQueueOptions } from '../../../src/queue/job-queue.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import type { RecordedLog } from '../../doubles/recorders/recorded-log.js';

export const testPayload = z.object({ id: z.number().int(), note: z.string().optional() });
export type TestPayload = z.infer<typeof testPayload>;
export const dedupeIdOf = (payload: TestPayload) => `test-${payload.id}`;

/** Retries that a test does not wait for, and all the time that a busy machine takes to add a job. */
export const FAST = { retry: { firstMs: 10, lastMs: 100 }, addTimeoutMs: 60_000 };

/** One place that keeps jobs, for the suite to run on. */
export interface JobQueueHarness {
  readonly log: RecordedLog;
  /** Another handle on the queue of that name, as another process would have it. */
  queue(name: string, options?: JobQueueOptions): JobQueue<TestPayload>;
  /** Puts what no program of ours would put into the queue of that name. */
  addRaw(name: string, data: unknown): Promise<void>;
  /** A way to the same place that a test can break. */
  readonly outage?: {
    queue(name: string): JobQueue<TestPayload>;
    cut(): Promise<void>;
    freeze(): void;
    /** Connections of this moment fall silent; new ones work. */
    strand?(): void;
    restore(): Promise<void>;
  };
  /** Makes the place lose every queue and job it holds. */
  forgetAll?(): Promise<void>;
  /** Runs a process that takes a job of that queue and holds it until it is killed. Resolves once it holds one. */
  readonly holder?: (name: string) => Promise<{ kill(): Promise<void> }>;
  close(): Promise<void>;
}

/** The place under test, and queues on it that end with each test. */
export interface JobQueueSetting {
  /** What the place is called, for the log of the run. */
  readonly place: string;
  /** To be used inside tests alone: it is opened before the first. */
  readonly harness: JobQueueHarness;
  /** The name of a queue that nobody used yet. */
  freshName(): string;
  /** As FAST has it where `options` say nothing. */
  openQueue(name?: string, options?: JobQueueOptions): JobQueue<TestPayload>;
  /** Stops `queue` after the test. */
  track(queue: JobQueue<TestPayload>): void;
  /** Resolves once nothing waits or runs. */
  idle(queue: JobQueue<TestPayload>): Promise<void>;
}

/** Opens the place before the tests of the surrounding `describe`, and closes it after them. */
export function openJobQueueSetting(place: string, open: () => Promise<JobQueueHarness>): JobQueueSetting {
  let harness: JobQueueHarness;
  let queues: JobQueue<TestPayload>[] = [];
  let names = 0;

  beforeAll(async () => {
    harness = await open();
  });
  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.stop()));
    queues = [];
  });
  afterAll(() => harness.close());

  const freshName = () => `test-${names++}`;
  return {
    place,
    get harness() {
      return harness;
    },
    freshName,
    openQueue(name = freshName(), options: JobQueueOptions = {}) {
      const queue = harness.queue(name, { ...FAST, ...options });
      queues.push(queue);
      return queue;
    },
    track: (queue) => void queues.push(queue),
    idle: (queue) => awaitCondition(async () => (await queue.depth()) === 0),
  };
}
