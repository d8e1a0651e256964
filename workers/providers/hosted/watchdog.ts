import type { Clock } from '../../../src/ports/process/clock.js';

/** A time limit that is set anew with each sign of life. */
export interface Watchdog {
  /** Calls `bark` after `ms`, unless set or cleared before. */
  set(ms: number, bark: () => void): void;
  clear(): void;
}

export function createWatchdog(clock: Clock): Watchdog {
  let timer: AbortController | undefined;
  return {
    set(ms, bark) {
      timer?.abort();
      const current = new AbortController();
      timer = current;
      void clock.sleep(ms, current.signal).then(
        () => {
          if (!current.signal.aborted) bark();
        },
        () => {},
      );
    },
    clear() {
      timer?.abort();
    },
  };
}

/** Aborts `controller` with the reason of `signal`. Returns what ends the bond: a long-lived signal must not keep it. */
export function abortWith(controller: AbortController, signal: AbortSignal): () => void {
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}
