/**
 * Waits for `work`, but no longer than `ms`. The work itself goes on: what it does later, or throws, is nobody's. What
 * has come in while this process was busy counts as in time.
 *
 * @throws what `work` throws in time, or `late()` after `ms`
 */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    // Timers run before what sockets received is read.
    timer = setTimeout(() => setImmediate(() => reject(late())), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

/** Waits until `work` has ended, well or badly, but no longer than `ms`. True where it ended. */
export async function ended(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new Error('late');
  try {
    await within(ms, work, () => late);
  } catch (error) {
    return error !== late;
  }
  return true;
}
