import type { DestinationStream } from 'pino';
import { z } from 'zod';

/** pino's numbers, with the colour of each. */
const LEVELS: Readonly<Record<number, readonly [name: string, colour: number]>> = {
  10: ['trace', 90],
  20: ['debug', 90],
  30: ['info', 36],
  40: ['warn', 33],
  50: ['error', 31],
  60: ['fatal', 31],
};

const LINE = z.looseObject({ level: z.number(), time: z.string(), msg: z.string().default('') });

interface LoggedError {
  readonly type?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/**
 * Turns the log's JSON lines into lines for a person at a terminal: time of day, level, sentence, fields.
 *
 * Not pino-pretty (13.2.0 was tried): it writes fields as JSON behind the sentence and errors as JSON over many lines,
 * their stacks inside, where this has `key=value` and the stack, then `because of` and the next one. A sentence with a
 * line end in it becomes two lines there, of which the second may look like one of the log's own. Its `messageFormat`
 * could make our lines, but what that returns it takes as it is, control characters and all: all of this would be
 * written for it still. It would add 11 packages, a second sonic-boom among them.
 *
 * @param write - takes text with its line ends
 */
export function readableLog(write: (text: string) => void, colours: boolean): DestinationStream {
  const paint = (colour: number, text: string) => (colours ? `\u001b[${colour}m${text}\u001b[39m` : text);
  return {
    write(json) {
      const { level, time, msg, err, error, ...fields } = LINE.parse(JSON.parse(json));
      const [name, colour] = LEVELS[level] ?? ['info', 36];
      const rest = Object.entries(fields).map(([key, value]) => ` ${paint(90, `${key}=${shown(value)}`)}`);
      const head = `${paint(90, timeOfDay(time))} ${paint(colour, name.padEnd(5))} ${oneLine(msg)}`;
      const lines = [head + rest.join(''), ...errorLines(err ?? error).map((line) => `    ${line}`)];
      write(`${lines.join('\n')}\n`);
    },
  };
}

/** The machine's own time, `06:12:26`. */
function timeOfDay(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}

function shown(value: unknown): string {
  const bare = typeof value === 'string' && /^[\w./:@+-]+$/.test(value);
  return oneLine(bare ? value : (JSON.stringify(value) ?? 'undefined'));
}

/** Names and reasons come from elsewhere: nothing in them may steer the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function errorLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { type = 'Error', message, stack, cause }: LoggedError = error;
  const own = typeof stack === 'string' ? stack : `${type}: ${message}`;
  const causes = errorLines(cause).map((line, index) => (index === 0 ? `because of ${line}` : line));
  return [...own.split('\n').map(oneLine), ...causes];
}
