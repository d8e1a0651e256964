import { pino } from 'pino';
import type { Log } from './ports/log.js';

/** Keys whose values never reach the log, at any depth of two. */
const SECRET_KEYS = ['token', 'authorization', 'Authorization', 'apiKey', 'password', 'secret', 'cookie'];

/**
 * The process's log: one JSON object a line on standard error, so that standard output stays a person's.
 *
 * @param level - pino's names, or `silent`
 */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[hidden]' },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** An error without its enumerable extras: SDKs hang requests with tokens and message texts on theirs. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const kind = 'kind' in error ? { kind: error.kind } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: error.name, message: error.message, ...kind, stack: error.stack, ...cause };
}
