import type { Clock } from '../ports/process/clock.js';

type Sleeper = Pick<Clock, 'sleep'>;

/** Once woken by its signal it never returns: nobody waits for it then. */
const TIMERS: Sleeper = {
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => clearTimeout(timer), { once: true });
    }),
};

/**
 * Waits for `work`, but no longer than `ms`. The work itself goes on: what it does later, or throws, is nobody's. What
 * has come in while this process was busy counts as in time.
 *
 * @throws what `work` throws in time, or `late()` after `ms`
 */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  late: () => Error,
  clock: Sleeper = TIMERS,
): Promise<T> {
  const over = new AbortController();
  const limit = clock.sleep(ms, over.signal).then(async () => {
    // Timers run before what sockets received is read.
    await new Promise<void>((resolve) => setImmediate(resolve));
    throw late();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    over.abort();
  }
}

/** Waits until `work` has ended, well or badly, but no longer than `ms`. True where it ended. */
export async function ended(work: Promise<unknown>, ms: number, clock?: Sleeper): Promise<boolean> {
  const late = new Error('late');
  try {
    await within(ms, work, () => late, clock);
  } catch (error) {
    return error !== late;
  }
  return true;
}
