import type { z } from '@hono/zod-openapi';
import { cutText } from '../../../src/domain/text/cut-text.js';
import { type FieldIssue, type Problem, ProblemError } from './problem.js';

type Issue = z.core.$ZodIssue;

/**
 * Reads a JSON body of at most `limit` bytes.
 *
 * @throws {ProblemError} 413 too large, 415 not JSON or compressed, 400 malformed, not UTF-8 or not as `schema` says
 */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
  limit: number,
): Promise<z.output<S>> {
  requireJson(request.headers);
  const bytes = await readBytes(request, limit);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError({ status: 400, code: 'bad-request', message: 'The body is not valid UTF-8.' });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new ProblemError({ status: 400, code: 'bad-request', message: 'The body is not valid JSON.' });
  }
  return check(schema, value);
}

/** @throws {ProblemError} 400 with a sentence for each thing wrong */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProblemError(invalid(firstOfEach(result.error.issues)));
}

/** What is told of a request that has more wrong than anybody reads: a body holds tens of thousands of fields. */
const MOST_ISSUES = 20;
/** Of a name that somebody else chose, what is said back. */
const LONGEST_NAME = 64;

/** One sentence for a field: its first fault brings the others with it. */
function firstOfEach(issues: readonly Issue[]): FieldIssue[] {
  const byField = new Map<string, FieldIssue>();
  for (const issue of issues) {
    for (const described of describeIssue(issue))
      if (!byField.has(described.field)) byField.set(described.field, described);
    if (byField.size >= MOST_ISSUES) break;
  }
  return [...byField.values()];
}

/** Tells of the first `MOST_ISSUES` at most. */
export function invalid(all: readonly FieldIssue[]): Problem {
  const issues = all.slice(0, MOST_ISSUES);
  return {
    status: 400,
    code: 'invalid',
    message: issues.map(({ field, message }) => `${field || 'The body'} ${message}.`).join(' '),
    issues,
  };
}

function requireJson(headers: Headers): void {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((entry) => entry.trim()).find((entry) => entry.startsWith('charset='));
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type.trim() === 'application/json' && utf8 && !headers.has('content-encoding')) return;
  throw new ProblemError({
    status: 415,
    code: 'unsupported-media-type',
    message: 'Send the body as application/json in UTF-8, uncompressed.',
  });
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = new ProblemError({
    status: 413,
    code: 'body-too-large',
    message: `The body is larger than ${Math.floor(limit / 1024)} kB.`,
  });
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body) {
    const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength;
      if (size > limit) {
        reader.cancel().catch(() => {}); // what is left of the body is nobody's business
        throw tooLarge;
      }
      chunks.push(read.value);
    }
  }
  return Buffer.concat(chunks);
}

/** What is wrong with a value, to be read after the name of its field. */
function describeIssue(issue: Issue): FieldIssue[] {
  const path = issue.path.map((step) => cutText(String(step), LONGEST_NAME));
  const field = path.join('.');
  const say = (message: string): FieldIssue[] => [{ field, message }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, MOST_ISSUES).map((key) => ({
        field: [...path, cutText(key, LONGEST_NAME)].join('.'),
        message: 'is not a field of this request',
      }));
    case 'invalid_type':
      if (issue.input === undefined && issue.message.endsWith('received undefined')) return say('is missing');
      return say(`must be ${TYPE_NAMES[issue.expected] ?? `a ${issue.expected}`}`);
    case 'too_small':
      if (issue.origin === 'string') return say('must not be empty');
      return say(`must be at least ${issue.minimum}`);
    case 'too_big':
      if (issue.origin === 'string') return say(`must be at most ${issue.maximum} characters long`);
      if (issue.origin === 'array') return say(`must hold at most ${issue.maximum} entries`);
      return say(`must be at most ${issue.maximum}`);
    case 'invalid_union':
      return describeUnion(issue, field);
    case 'invalid_value':
      return say(`must be one of ${issue.values.map(String).join(', ')}`);
    case 'invalid_format':
    case 'custom':
      return say(issue.message);
    default:
      return say('is not valid');
  }
}

/** The branch that came nearest: one whose type fits says more than "neither". */
function describeUnion(issue: Extract<Issue, { code: 'invalid_union' }>, field: string): FieldIssue[] {
  const fitting = issue.errors.find((errors) => errors.every((error) => error.code !== 'invalid_type'));
  const literals = issue.errors
    .flat()
    .flatMap((error) => (error.code === 'invalid_value' ? error.values : []));
  if (literals.length > 0) return [{ field, message: `must be one of ${literals.map(String).join(', ')}` }];
  const deeper = fitting ?? issue.errors.find((errors) => errors.some((error) => error.path.length > 0));
  if (!deeper) return [{ field, message: 'has the wrong type' }];
  return deeper
    .flatMap(describeIssue)
    .map((inner) => ({ ...inner, field: [field, inner.field].filter(Boolean).join('.') }));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  object: 'an object',
  array: 'a list',
  record: 'an object',
  string: 'text',
  boolean: 'true or false',
};
