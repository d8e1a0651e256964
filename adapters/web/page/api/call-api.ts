import { signal } from '@preact/signals';
import { type AnswerOf, type AnySent, lineOf, type Operation, type SentWith } from './operations.js';

export interface FieldIssue {
  /** As in `limits.tokens_per_day`. */
  readonly field: string;
  /** To be read after the field's name, as in `must be at least 0`. */
  readonly message: string;
}

/** What the API says where it refuses or fails. `message` is a sentence to show. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 where no response came. */
  readonly status: number;
  readonly code: string;
  /** What is wrong with single fields of the request. */
  readonly issues: readonly FieldIssue[];

  constructor(status: number, code: string, message: string, issues: readonly FieldIssue[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.issues = issues;
  }
}

/** How many requests were refused for want of a session or key: it grows when a session is over. */
export const refusals = signal(0);

export interface CallOptions extends AnySent {
  /** The same key again is the same request: the API does once what it asks. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Goes through even if the page is closed meanwhile; for bodies below 64 kB. */
  readonly keepalive?: boolean;
}

const UNREACHABLE = 'Parley cannot be reached: check that it is running, then try again.';
/** The API's own sentence is for programs. */
const SESSION_OVER = 'Your session is over: sign in again, then try once more.';

/**
 * Calls the API and returns the JSON of its answer, `null` where it has none.
 *
 * @throws {ApiError}
 * @throws `signal.reason` on abort
 */
export async function callApi<O extends Operation>(
  operation: O,
  call: SentWith<O> & CallOptions,
): Promise<AnswerOf<O>> {
  const response = await request(operation, call, 'application/json');
  // The server answers as it documents: its tests hold every answer against the document.
  return (response.status === 204 ? null : await response.json()) as AnswerOf<O>;
}

/** @throws {ApiError} */
export async function request(operation: Operation, call: CallOptions, accept: string): Promise<Response> {
  const { body, idempotencyKey, signal, keepalive } = call;
  const { method, address } = lineOf(operation, call);
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers: {
        accept,
        ...(body && { 'content-type': 'application/json' }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      ...(keepalive && { keepalive }),
    });
  } catch {
    signal?.throwIfAborted();
    throw new ApiError(0, 'unreachable', UNREACHABLE);
  }
  if (response.ok) return response;
  const error = errorOfBody(response.status, await response.json().catch(() => null));
  if (response.status !== 401 || address === '/api/session') throw error;
  refusals.value++;
  throw new ApiError(401, error.code, SESSION_OVER);
}

/** @param body - an Error of the API, or whatever came in its place */
export function errorOfBody(status: number, body: unknown): ApiError {
  const error = field(body, 'error');
  const message = field(error, 'message');
  const code = field(error, 'code');
  return new ApiError(
    status,
    typeof code === 'string' ? code : 'unknown',
    typeof message === 'string' ? message : `Parley answered with status ${status}; its log says more.`,
    issuesOf(field(error, 'issues')),
  );
}

/** What to show for something thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError
    ? error.message
    : 'Something went wrong in this page: reload it and try again.';
}

function issuesOf(listed: unknown): FieldIssue[] {
  if (!Array.isArray(listed)) return [];
  return listed.map((issue: unknown) => ({
    field: String(field(issue, 'field') ?? ''),
    message: String(field(issue, 'message') ?? ''),
  }));
}

function field(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
}
