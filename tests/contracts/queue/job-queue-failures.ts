import { expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { FAST, type JobQueueSetting } from './job-queue-setting.js';

/** What becomes of jobs that fail, or should never have been added. */
export function describeFailures(setting: JobQueueSetting): void {
  const { freshName, idle, openQueue } = setting;

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
    const queue = openQueue(undefined, { ...FAST, attempts: 3 });
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
    await setting.harness.addRaw(name, { id: 'SECRET' });
    await queue.add({ id: 2 });
    const seen: number[] = [];
    queue.work(async ({ id }) => void seen.push(id), { concurrency: 1 });
    await idle(queue);
    expect(seen).toEqual([2]);
    const lines = setting.harness.log.lines.filter((line) => line.message === 'malformed job dropped');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'error',
      fields: { queue: name, problems: ['id: invalid_type'] },
    });
    expect(JSON.stringify(setting.harness.log.lines)).not.toContain('SECRET');
  });
}
