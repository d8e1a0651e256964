import { once } from 'node:events';
import type { Clock } from '../ports/process/clock.js';

/** What a start under way has to come to its end, so that what it opened is closed in good order. */
const START_GRACE_MS = 4_000;

/**
 * Lets something run until `signal` aborts, and stops it. A start that hangs, for it waits for a server, is left alone:
 * the process ends with it.
 *
 * @param report - says that it runs; cut short where `signal` aborts
 * @throws what `starting` or `report` throw; `signal.reason` where it never started
 */
export async function runUntilStopped<Running extends { stop(): Promise<void> }>(
  starting: Promise<Running>,
  report: (running: Running) => Promise<void>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const asked = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  const running = await startedInTime(starting, asked, clock, signal);
  try {
    await Promise.race([report(running), asked]);
    await asked;
  } finally {
    await running.stop();
  }
}

async function startedInTime<Running>(
  starting: Promise<Running>,
  asked: Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Running> {
  const settled = new AbortController();
  const late = asked.then(() => clock.sleep(START_GRACE_MS, settled.signal));
  try {
    return await Promise.race([starting, late.then(() => Promise.reject(signal.reason))]);
  } finally {
    settled.abort();
    late.catch(() => {});
    starting.catch(() => {});
  }
}
