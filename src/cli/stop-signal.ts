import { EXIT } from './exit-code.js';

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/**
 * Aborts when the process is asked to end. Asked again, it ends at once: a stop that hangs must not hold a terminal.
 *
 * @returns the signal, and how to let go of the process
 */
export function stopSignal(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of STOPPING) process.on(name, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of STOPPING) process.off(name, stop);
    },
  };
}
