import { signal } from '@preact/signals';

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

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: object;
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
export async function callApi<T>(path: string, call: ApiCall = {}): Promise<T> {
  const response = await request(path, call, 'application/json');
  return (response.status === 204 ? null : await response.json()) as T;
}

/** @throws {ApiError} */
export async function request(path: string, call: ApiCall, accept: string): Promise<Response> {
  const { method = 'GET', body, idempotencyKey, signal, keepalive } = call;
  let response: Response;
  try {
    response = await fetch(path, {
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
  if (response.status !== 401 || path === '/api/session') throw error;
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
