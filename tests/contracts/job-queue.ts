import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ExpectedFailure } from '../../src/domain/failure.js';
import type { JobQueue } from '../../src/ports/job-queue.js';
import type { JobQueueOptions } from '../../src/queue/job-queue.js';
import { awaitCondition } from '../doubles/await-condition.js';
import { deferred } from '../doubles/deferred.js';
import type { RecordedLog } from '../doubles/recorded-log.js';

export const testPayload = z.object({ id: z.number().int(), note: z.string().optional() });
export type TestPayload = z.infer<typeof testPayload>;
export const dedupeIdOf = (payload: TestPayload) => `test-${payload.id}`;

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
    restore(): Promise<void>;
  };
  /** Runs a process that takes a job of that queue and holds it until it is killed. Resolves once it holds one. */
  readonly holder?: (name: string) => Promise<{ kill(): Promise<void> }>;
  close(): Promise<void>;
}

/** What every job queue does, wherever it keeps its jobs. */
export function describeJobQueue(place: string, open: () => Promise<JobQueueHarness>): void {
  describe(`a job queue on ${place}`, () => {
    let harness: JobQueueHarness;
    let queues: JobQueue<TestPayload>[] = [];
    let names = 0;
    const fast = { retry: { firstMs: 10, lastMs: 100 } };

    beforeAll(async () => {
      harness = await open();
    });
    afterEach(async () => {
      await Promise.all(queues.map((queue) => queue.stop()));
      queues = [];
    });
    afterAll(() => harness.close());

    const freshName = () => `test-${names++}`;
    const openQueue = (name = freshName(), options: JobQueueOptions = fast) => {
      const queue = harness.queue(name, options);
      queues.push(queue);
      return queue;
    };
    const idle = (queue: JobQueue<TestPayload>) => awaitCondition(async () => (await queue.depth()) === 0);

    test('a job added before any worker is handled once a worker starts', async () => {
      const queue = openQueue();
      await queue.add({ id: 1, note: 'kept' });
      expect(await queue.depth()).toBe(1);
      const seen: TestPayload[] = [];
      queue.work(async (payload) => void seen.push(payload), { concurrency: 1 });
      await idle(queue);
      expect(seen).toEqual([{ id: 1, note: 'kept' }]);
    });

    test('every job is handled, in the order they were added', async () => {
      const queue = openQueue();
      const seen: number[] = [];
      queue.work(async ({ id }) => void seen.push(id), { concurrency: 1 });
      const ids = Array.from({ length: 20 }, (_, i) => i);
      for (const id of ids) await queue.add({ id });
      await idle(queue);
      expect(seen).toEqual(ids);
    });

    test('a waiting job absorbs another with its deduplication id', async () => {
      const queue = openQueue();
      for (let i = 0; i < 5; i++) await queue.add({ id: 7 });
      await queue.add({ id: 8 });
      expect(await queue.depth()).toBe(2);
      const seen: number[] = [];
      queue.work(async ({ id }) => void seen.push(id), { concurrency: 2 });
      await idle(queue);
      expect(seen).toEqual([7, 8]);
    });

    test('a running job is followed by one more, however many were added meanwhile, and never overlaps it', async () => {
      const queue = openQueue();
      const started = deferred();
      const finish = deferred();
      let running = 0;
      let most = 0;
      const notes: (string | undefined)[] = [];
      queue.work(
        async ({ note }) => {
          running += 1;
          most = Math.max(most, running);
          notes.push(note);
          started.resolve();
          await finish.promise;
          running -= 1;
        },
        { concurrency: 4 },
      );
      await queue.add({ id: 1, note: 'first' });
      await started.promise;
      for (const note of ['second', 'third', 'last']) await queue.add({ id: 1, note });
      finish.resolve();
      await awaitCondition(() => notes.length >= 2);
      await idle(queue);
      expect(notes).toEqual(['first', 'last']);
      expect(most).toBe(1);
    });

    test('a finished job leaves its deduplication id free', async () => {
      const queue = openQueue();
      let handled = 0;
      queue.work(async () => void handled++, { concurrency: 1 });
      await queue.add({ id: 1 });
      await idle(queue);
      await queue.add({ id: 1 });
      await idle(queue);
      expect(handled).toBe(2);
    });

    test('as many jobs run at once as asked for, and no more', async () => {
      const queue = openQueue();
      const finish = deferred();
      let running = 0;
      queue.work(
        async () => {
          running += 1;
          await finish.promise;
        },
        { concurrency: 3 },
      );
      for (let id = 0; id < 5; id++) await queue.add({ id });
      await awaitCondition(() => running === 3);
      expect(await queue.depth()).toBe(5);
      expect(running).toBe(3);
      finish.resolve();
      await idle(queue);
      expect(running).toBe(5);
    });

    test('a job added while others run is picked up beside them', async () => {
      const queue = openQueue();
      const finish = deferred();
      const seen: number[] = [];
      queue.work(
        async ({ id }) => {
          seen.push(id);
          await finish.promise;
        },
        { concurrency: 4 },
      );
      for (const id of [1, 2, 3]) {
        await queue.add({ id });
        await awaitCondition(() => seen.includes(id));
      }
      finish.resolve();
      await idle(queue);
    });

    test('an unknown error and a retryable failure are tried again', async () => {
      const queue = openQueue();
      const errors = [
        new Error('a bug'),
        new ExpectedFailure('provider-unavailable', 'the model server is away'),
      ];
      let attempts = 0;
      queue.work(
        async () => {
          attempts += 1;
          const error = errors.shift();
          if (error) throw error;
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await idle(queue);
      expect(attempts).toBe(3);
    });

    test('a failure not worth retrying ends the job, and its id is free again', async () => {
      const queue = openQueue();
      let attempts = 0;
      queue.work(
        async () => {
          attempts += 1;
          throw new ExpectedFailure('bad-input', 'nothing to be done');
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await idle(queue);
      expect(attempts).toBe(1);
      await queue.add({ id: 1 });
      await idle(queue);
      expect(attempts).toBe(2);
    });

    test('a job that keeps failing is given up after its attempts', async () => {
      const queue = openQueue(undefined, { ...fast, attempts: 3 });
      let attempts = 0;
      queue.work(
        async () => {
          attempts += 1;
          throw new Error('always');
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await idle(queue);
      expect(attempts).toBe(3);
    });

    test('the wait before the next attempt is at least what the other side asked for', async () => {
      const queue = openQueue(undefined, { retry: { firstMs: 1, lastMs: 5_000 } });
      const times: number[] = [];
      queue.work(
        async () => {
          times.push(performance.now());
          if (times.length === 1)
            throw new ExpectedFailure('provider-overloaded', 'busy', { retryAfterMs: 300 });
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await idle(queue);
      expect(times).toHaveLength(2);
      // A millisecond less: the backends count from their own clock.
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(299);
    });

    test('a malformed payload is dropped with a clear log, and the next job is handled', async () => {
      const name = freshName();
      const queue = openQueue(name);
      await harness.addRaw(name, { id: 'SECRET' });
      await queue.add({ id: 2 });
      const seen: number[] = [];
      queue.work(async ({ id }) => void seen.push(id), { concurrency: 1 });
      await idle(queue);
      expect(seen).toEqual([2]);
      const lines = harness.log.lines.filter((line) => line.message === 'malformed job dropped');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        level: 'error',
        fields: { queue: name, problems: ['id: invalid_type'] },
      });
      expect(JSON.stringify(harness.log.lines)).not.toContain('SECRET');
    });

    test('a worker that stops lets its job end within the grace', async () => {
      const queue = openQueue();
      const started = deferred();
      const finish = deferred();
      let outcome = 'none';
      const worker = queue.work(
        async (_payload, signal) => {
          started.resolve();
          await finish.promise;
          outcome = signal.aborted ? 'aborted' : 'ended';
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await started.promise;
      const stopping = worker.stop(10_000);
      finish.resolve();
      await stopping;
      expect(outcome).toBe('ended');
      expect(await queue.depth()).toBe(0);
    });

    test('a job still running after the grace is aborted and another worker takes it at once', async () => {
      const name = freshName();
      const queue = openQueue(name, { retry: { firstMs: 60_000, lastMs: 60_000 } });
      const started = deferred();
      const worker = queue.work(
        async (_payload, signal) => {
          started.resolve();
          await once(signal, 'abort');
          throw signal.reason;
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await started.promise;
      const again = deferred();
      openQueue(name).work(async () => again.resolve(), { concurrency: 1 });
      await worker.stop(20);
      await again.promise;
      await idle(queue);
    });

    test('a stopped worker takes no new job, and stopping twice is fine', async () => {
      const queue = openQueue();
      const seen: number[] = [];
      const worker = queue.work(async ({ id }) => void seen.push(id), { concurrency: 1 });
      await queue.add({ id: 1 });
      await idle(queue);
      await worker.stop(1_000);
      await worker.stop(1_000);
      await queue.add({ id: 2 });
      expect(await queue.depth()).toBe(1);
      expect(seen).toEqual([1]);
    });

    test('stopping ends within its limit although a job ignores its signal', async () => {
      const name = freshName();
      const queue = openQueue(name);
      const started = deferred();
      const finish = deferred();
      const worker = queue.work(
        async () => {
          started.resolve();
          await finish.promise;
        },
        { concurrency: 1 },
      );
      await queue.add({ id: 1 });
      await started.promise;
      const before = performance.now();
      await worker.stop(10);
      expect(performance.now() - before).toBeLessThan(8_000);
      finish.resolve();
    });

    test('a stopped queue refuses jobs with a retryable failure', async () => {
      const queue = openQueue();
      await queue.add({ id: 1 });
      await queue.stop();
      await queue.stop();
      await expect(queue.add({ id: 2 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
    });

    test('a job is picked up within tens of milliseconds of being added', async () => {
      const queue = openQueue();
      const picked: number[] = [];
      let next = deferred();
      let addedAt = 0;
      queue.work(
        async () => {
          picked.push(performance.now() - addedAt);
          next.resolve();
        },
        { concurrency: 8 },
      );
      for (let id = 0; id < 40; id++) {
        next = deferred();
        addedAt = performance.now();
        await queue.add({ id });
        await next.promise;
      }
      const sorted = picked.slice(5).sort((a, b) => a - b);
      const at = (share: number) =>
        (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
      console.log(`${place}: job picked up after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
      // Far above what is measured, so that a busy machine does not fail it; a missed wake-up costs seconds.
      expect(Number(at(0.5))).toBeLessThan(100);
    });

    describe('when its place is out of reach', () => {
      test('adding fails fast, retryable, and works again when it is back', async ({ skip }) => {
        const outage = harness.outage ?? skip('this place is in the process');
        const queue = outage.queue(freshName());
        queues.push(queue);
        await queue.add({ id: 1 });
        await outage.cut();
        const before = performance.now();
        await expect(queue.add({ id: 2 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
        expect(performance.now() - before).toBeLessThan(500);
        await outage.restore();
        await awaitCondition(
          () =>
            queue.add({ id: 3 }).then(
              () => true,
              () => false,
            ),
          50,
        );
      });

      test('a queue and a worker made while it is away work when it comes', async ({ skip }) => {
        const outage = harness.outage ?? skip('this place is in the process');
        await outage.cut();
        const queue = outage.queue(freshName());
        queues.push(queue);
        const seen = deferred<number>();
        queue.work(async ({ id }) => seen.resolve(id), { concurrency: 1 });
        await expect(queue.add({ id: 1 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
        await outage.restore();
        await awaitCondition(
          () =>
            queue.add({ id: 5 }).then(
              () => true,
              () => false,
            ),
          50,
        );
        expect(await seen.promise).toBe(5);
      });

      test('a worker goes on after the connection broke', async ({ skip }) => {
        const outage = harness.outage ?? skip('this place is in the process');
        const name = freshName();
        const queue = outage.queue(name);
        queues.push(queue);
        const seen: number[] = [];
        queue.work(async ({ id }) => void seen.push(id), { concurrency: 2 });
        await queue.add({ id: 1 });
        await awaitCondition(() => seen.includes(1));
        await outage.cut();
        const direct = openQueue(name);
        await direct.add({ id: 2 });
        await outage.restore();
        await awaitCondition(() => seen.includes(2));
      });

      test('adding and stopping end in time although nothing answers', async ({ skip }) => {
        const outage = harness.outage ?? skip('this place is in the process');
        const queue = outage.queue(freshName());
        queue.work(async () => {}, { concurrency: 1 });
        await queue.add({ id: 1 });
        await idle(queue);
        outage.freeze();
        const before = performance.now();
        await expect(queue.add({ id: 2 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
        await queue.stop();
        expect(performance.now() - before).toBeLessThan(15_000);
        await outage.restore();
      });
    });

    test('a job whose process is killed is taken up again', async ({ skip }) => {
      const hold = harness.holder ?? skip('no process of its own');
      const name = freshName();
      const queue = openQueue(name);
      await queue.add({ id: 9 });
      const process = await hold(name);
      expect(await queue.depth()).toBe(1);
      await process.kill();
      const again = deferred<number>();
      queue.work(async ({ id }) => again.resolve(id), { concurrency: 1 });
      expect(await again.promise).toBe(9);
      await idle(queue);
    });
  });
}
