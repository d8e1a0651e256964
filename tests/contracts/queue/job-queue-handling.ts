import { expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { deferred } from '../../doubles/deferred.js';
import type { JobQueueSetting, TestPayload } from './job-queue-setting.js';

/** That each job is handled, once, in order, and soon. */
export function describeHandling(setting: JobQueueSetting): void {
  const { idle, openQueue } = setting;

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

  test('a worker is told of a job that is added: it does not come upon it', async () => {
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
    const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
    console.log(`${setting.place}: job picked up after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    // Who is not told looks every five seconds; told it is tens of milliseconds, some more on a busy machine.
    expect(Number(at(0.5))).toBeLessThan(1_000);
  });
}
