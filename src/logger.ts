import { type DestinationStream, pino } from 'pino';
import type { Log } from './ports/log.js';

/** Keys whose values never reach the log, at any depth of two. */
const SECRET_KEYS = ['token', 'authorization', 'Authorization', 'apiKey', 'password', 'secret', 'cookie'];

/**
 * The process's log: one JSON object a line on standard error, so that standard output stays a person's.
 *
 * @param level - pino's names, or `silent`
 * @param destination - takes the lines
 */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError, error: describeError },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[hidden]' },
    },
    destination,
  );
}

/** Causes that are followed: some errors are their own cause. */
const DEEPEST_CAUSE = 5;

/** An error without its enumerable extras: SDKs hang requests with tokens and message texts on theirs. */
function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: withoutSecrets(String(error)) };
  const kind = 'kind' in error ? { kind: error.kind } : {};
  const cause =
    error.cause === undefined || depth >= DEEPEST_CAUSE
      ? {}
      : { cause: describeError(error.cause, depth + 1) };
  const stack = error.stack === undefined ? {} : { stack: withoutSecrets(error.stack) };
  return { type: error.name, message: withoutSecrets(error.message), ...kind, ...stack, ...cause };
}

/** What libraries put into the sentences of their errors: credentials, and the text that a parser stumbled over. */
const SECRETS: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/:\/\/[^\s/@]{1,500}@/g, '://[hidden]@'],
  [/\/(webhooks|interactions)\/(\d{1,20})\/[^\s/?]+/g, '/$1/$2/[hidden]'],
  [/\/\/hooks\.slack\.com\/\S+/g, '//hooks.slack.com/[hidden]'],
  [/\b(?:xox[a-z]-|xapp-|hf_|sk-)[\w-]+/g, '[hidden]'],
  [/\b(Bearer|Bot|Basic) [\w.~+/=-]{16,}/g, '$1 [hidden]'],
  [/(?<=, )(?:\.\.\.)?".*"(?:\.\.\.)?(?= is not valid JSON)/gs, '[hidden]'],
];

function withoutSecrets(text: string): string {
  return SECRETS.reduce((hidden, [pattern, shown]) => hidden.replace(pattern, shown), text);
}
