import { once } from 'node:events';
import { expect, test } from 'vitest';
import { deferred } from '../../doubles/deferred.js';
import type { JobQueueSetting } from './job-queue-setting.js';

/** How workers and queues end, and what becomes of running jobs. */
export function describeStopping(setting: JobQueueSetting): void {
  const { freshName, idle, openQueue } = setting;

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

  test('a worker that is to stop in its own time can still be hurried', async () => {
    const queue = openQueue();
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
    const inItsOwnTime = worker.stop(3_600_000);
    await worker.stop(20);
    await inItsOwnTime;
    expect(await queue.depth()).toBe(1);
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
    // The job never ends by itself before this.
    await worker.stop(10);
    finish.resolve();
  });

  test('a stopped queue refuses jobs with a retryable failure', async () => {
    const queue = openQueue();
    await queue.add({ id: 1 });
    await queue.stop();
    await queue.stop();
    await expect(queue.add({ id: 2 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
  });
}
