import { type DestinationStream, pino } from 'pino';
import { ExpectedFailure } from '../domain/failure.js';
import type { Log } from '../ports/process/log.js';
import { hideInFields, hideInText } from './hide-secrets.js';
import { readableLog } from './readable-log.js';

/** Levels of somebody who looks for a fault of ours. */
const WITH_EVERY_STACK: ReadonlySet<string> = new Set(['trace', 'debug']);

/**
 * The process's log on standard error, so that standard output stays a person's: one JSON object a line, or on a
 * terminal lines to read.
 *
 * @param level - pino's names, or `silent`
 * @param destination - takes the lines of JSON
 */
export function createLog(level: string, destination: DestinationStream = standardError()): Log {
  const stacks = WITH_EVERY_STACK.has(level) ? 'all' : 'bugs';
  const describe = (error: unknown) => describeError(error, stacks);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // The library's own hiding knows paths of a fixed depth; secrets have none.
      serializers: { err: errorField, error: errorField },
      formatters: { log: (fields) => hideInFields(fields, describe) },
      hooks: {
        logMethod([fields, message, ...more], method) {
          method.apply(this, [fields, typeof message === 'string' ? hideInText(message) : message, ...more]);
        },
      },
    },
    destination,
  );
}

function standardError(): DestinationStream {
  if (!process.stderr.isTTY) return pino.destination({ fd: 2, sync: true });
  // The line may hold a progress bar.
  return readableLog((text) => void process.stderr.write(`\r\u001b[K${text}`), process.stderr.hasColors());
}

/** Errors are described by now; in their place other things may have been thrown. */
function errorField(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? value : { message: String(value) };
}

/** Causes that are followed: some errors are their own cause. */
const DEEPEST_CAUSE = 5;

/**
 * An error without its enumerable extras: SDKs hang requests with tokens and message texts on theirs.
 *
 * @param stacks - `bugs`: not those of planned failures, whose sentences say it all, and of what caused them
 */
function describeError(error: unknown, stacks: 'all' | 'bugs' | 'none', depth = 0): object {
  if (!(error instanceof Error)) return { message: hideInText(String(error)) };
  const kind = 'kind' in error ? { kind: error.kind } : {};
  const shown = stacks === 'bugs' && error instanceof ExpectedFailure ? 'none' : stacks;
  const cause =
    error.cause === undefined || depth >= DEEPEST_CAUSE
      ? {}
      : { cause: describeError(error.cause, shown, depth + 1) };
  const stack = error.stack === undefined || shown === 'none' ? {} : { stack: hideInText(error.stack) };
  return { type: error.name, message: hideInText(error.message), ...kind, ...stack, ...cause };
}
