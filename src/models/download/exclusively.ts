import { lock } from 'proper-lockfile';
import type { Clock } from '../../ports/process/clock.js';

const POLL_MS = 500;
/** A lock whose holder has not touched it for this long is left over from a dead process. */
const STALE_MS = 15_000;

/**
 * Runs `work` while no other process on this data folder does the same for `file`.
 *
 * @param onWaiting - called each time the lock was held by another
 * @throws `signal.reason` when `signal` aborts while waiting
 */
export async function exclusively<Result>(
  file: string,
  { clock, signal, onWaiting }: { clock: Clock; signal: AbortSignal; onWaiting: () => void },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  const release = await acquire();
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    // A lost lock is released already; there is nothing left to do about it.
    await release().catch(() => {});
  }

  async function acquire(): Promise<() => Promise<void>> {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await lock(file, {
          realpath: false,
          stale: STALE_MS,
          update: STALE_MS / 3,
          onCompromised: (error) => lost.abort(error),
        });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
        onWaiting();
        await clock.sleep(POLL_MS, signal);
      }
    }
  }
}
