import type { Log } from '../ports/process/log.js';

/**
 * Logs what a connection's `error` event carries, the same error at most once in `everyMs`: a database that is down
 * raises one for each attempt to reach it. What was left out is counted in the next line.
 */
export function connectionErrorLog(
  log: Log,
  fields: Readonly<Record<string, unknown>>,
  now: () => number = Date.now,
  everyMs = 10_000,
): (error: unknown) => void {
  let last = { reason: '', at: Number.NEGATIVE_INFINITY };
  let unlogged = 0;
  return (error) => {
    const reason = errorReason(error);
    const at = now();
    if (reason === last.reason && at - last.at < everyMs) {
      unlogged += 1;
      return;
    }
    log.warn({ ...fields, reason, ...(unlogged > 0 ? { unlogged } : {}) }, 'connection error');
    last = { reason, at };
    unlogged = 0;
  };
}

/** One short line; Node's AggregateError of a refused connection has a code and no message. */
export function errorReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (error.message === '') return code ?? error.name;
  return code === undefined || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
