import { describe, expect, test } from 'vitest';
import type { JobQueue } from '../../../src/ports/queue/job-queue.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { deferred } from '../../doubles/deferred.js';
import type { JobQueueSetting, TestPayload } from './job-queue-setting.js';

/** What happens while the place is out of reach, or a process dies. */
export function describeOutages(setting: JobQueueSetting): void {
  const { freshName, idle, openQueue, track } = setting;

  describe('when its place is out of reach', () => {
    test('adding fails fast, retryable, and works again when it is back', async ({ skip }) => {
      const outage = setting.harness.outage ?? skip('this place is in the process');
      const queue = outage.queue(freshName());
      track(queue);
      await addOnceReachable(queue, 1);
      await outage.cut();
      const took: number[] = [];
      for (let again = 0; again < 5; again++) {
        const before = performance.now();
        await expect(queue.add({ id: 2 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
        took.push(performance.now() - before);
      }
      // Not after the time limit for an answer, 2 s. One try of five, as a busy machine may stand still in the others.
      expect(Math.min(...took)).toBeLessThan(500);
      await outage.restore();
      await addOnceReachable(queue, 3);
    });

    test('a queue and a worker made while it is away work when it comes', async ({ skip }) => {
      const outage = setting.harness.outage ?? skip('this place is in the process');
      await outage.cut();
      const queue = outage.queue(freshName());
      track(queue);
      const seen = deferred<number>();
      queue.work(async ({ id }) => seen.resolve(id), { concurrency: 1 });
      await expect(queue.add({ id: 1 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
      await outage.restore();
      await addOnceReachable(queue, 5);
      expect(await seen.promise).toBe(5);
    });

    test('a worker goes on after the connection broke', async ({ skip }) => {
      const outage = setting.harness.outage ?? skip('this place is in the process');
      const name = freshName();
      const queue = outage.queue(name);
      track(queue);
      const seen: number[] = [];
      queue.work(async ({ id }) => void seen.push(id), { concurrency: 2 });
      await addOnceReachable(queue, 1);
      await awaitCondition(() => seen.includes(1));
      await outage.cut();
      const direct = openQueue(name);
      await direct.add({ id: 2 });
      await outage.restore();
      await awaitCondition(() => seen.includes(2));
    });

    test('adding and working go on where its server vanished without a word and another took its place', async ({
      skip,
    }) => {
      const outage = setting.harness.outage ?? skip('this place is in the process');
      const strand = outage.strand ?? skip('the database’s own matter');
      const queue = outage.queue(freshName());
      track(queue);
      const seen: number[] = [];
      queue.work(async ({ id }) => void seen.push(id), { concurrency: 1 });
      await addOnceReachable(queue, 1);
      await awaitCondition(() => seen.includes(1));
      strand();
      await addOnceReachable(queue, 2);
      await awaitCondition(() => seen.includes(2));
    });

    test('adding and stopping end in time although nothing answers', async ({ skip }) => {
      const outage = setting.harness.outage ?? skip('this place is in the process');
      const queue = outage.queue(freshName());
      queue.work(async () => {}, { concurrency: 1 });
      await addOnceReachable(queue, 1);
      await idle(queue);
      outage.freeze();
      // Nothing answers before the restoring: only time limits can end these.
      await expect(queue.add({ id: 2 })).rejects.toMatchObject({ kind: 'setup', retryable: true });
      await queue.stop();
      await outage.restore();
    });
  });

  test('a place that lost all it held takes and gives jobs as before, whatever ran meanwhile', async ({
    skip,
  }) => {
    const forgetAll = setting.harness.forgetAll ?? skip('a database that loses its data');
    const queue = openQueue(freshName());
    const held = deferred();
    const seen: number[] = [];
    queue.work(
      async ({ id }) => {
        seen.push(id);
        if (seen.length === 1) await held.promise;
      },
      { concurrency: 4 },
    );
    await queue.add({ id: 1 });
    await awaitCondition(() => seen.length === 1);
    await queue.add({ id: 1 });
    await forgetAll();
    await queue.add({ id: 1 });
    await queue.add({ id: 2 });
    await awaitCondition(() => seen.length === 3);
    expect(new Set(seen.slice(1))).toEqual(new Set([1, 2]));
    held.resolve();
    await queue.add({ id: 3 });
    await awaitCondition(() => seen.includes(3));
    await queue.add({ id: 1 });
    await awaitCondition(() => seen.filter((id) => id === 1).length === 3);
    await idle(queue);
  });

  test('a job whose process is killed is taken up again', async ({ skip }) => {
    const hold = setting.harness.holder ?? skip('no process of its own');
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
}

/** Adds a job, again and again while the place is away: the queues of one place share a connection, which may still
 * be on its way back from the test before. */
async function addOnceReachable(queue: JobQueue<TestPayload>, id: number): Promise<void> {
  await awaitCondition(
    () =>
      queue.add({ id }).then(
        () => true,
        () => false,
      ),
    50,
  );
}
