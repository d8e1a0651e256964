import { CommanderError } from 'commander';
import { ExpectedFailure } from '../domain/failure.js';

/** What the process ends with: 0 done, 1 could not be done, 2 not understood, 70 a bug of ours, 130 interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70, interrupted: 130 } as const;

/**
 * How a command's error is told: one sentence where the failure was planned for, the stack where it is a bug.
 *
 * @param interrupted - a person or the system asked the command to end
 */
export function describeEnd(
  error: unknown,
  interrupted: boolean,
): { readonly code: number; readonly text: string | null } {
  // Commander has printed its own words already.
  if (error instanceof CommanderError)
    return { code: error.exitCode === 0 ? EXIT.done : EXIT.usage, text: null };
  if (interrupted) return { code: EXIT.interrupted, text: null };
  if (error instanceof ExpectedFailure) return { code: EXIT.failed, text: error.message };
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: EXIT.bug, text: `This is a bug in Parley:\n${trace}` };
}
