import { ExpectedFailure, type FailureKind } from '../../../src/domain/failure.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { TurnOutcome } from '../../../src/domain/turn.js';
import type { Acceptance, RefusalReason } from '../../../src/ports/turns/inbox.js';
import type { Regeneration } from '../../../src/ports/turns/turn-actions.js';

/** What a client's program can tell apart; `message` is for people. */
export const PROBLEM_CODES = [
  'bad-request',
  'invalid',
  'unauthorized',
  'forbidden',
  'not-found',
  'method-not-allowed',
  'conflict',
  'not-finished',
  'not-failed',
  'conflict',
  'cancelled',
  'body-too-large',
  'unsupported-media-type',
  'idempotency-mismatch',
  'empty',
  'too-long',
  'unknown-model',
  'bad-parameter',
  'turn-limit',
  'token-limit',
  'attempt-limit',
  'key-limit',
  'answer-failed',
  'answer-timeout',
  'unavailable',
  'internal',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface FieldIssue {
  /** As in `parameters.top_k`; empty for the body itself. */
  readonly field: string;
  readonly message: string;
}

/** Why a request got no answer, before it becomes a response or an event. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
  readonly code: ProblemCode;
  /** One sentence. */
  readonly message: string;
  readonly issues?: readonly FieldIssue[];
  /** Why the answer failed, where it did. */
  readonly kind?: FailureKind | 'bug';
  readonly retryAfterMs?: number;
  readonly turn?: { readonly turnId: number; readonly conversationId: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

/** The JSON of a problem, the same in a response and in an `error` event. */
export function problemBody(problem: Problem) {
  const { code, message, issues, kind, retryAfterMs, turn } = problem;
  return {
    error: {
      code,
      message,
      ...(issues && { issues: [...issues] }),
      ...(kind && { kind }),
      ...(retryAfterMs !== undefined && { retry_after: seconds(retryAfterMs) }),
      ...(turn && { turn_id: turn.turnId, conversation_id: turn.conversationId }),
    },
  };
}

export function problemResponse(problem: Problem): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8', ...problem.headers });
  if (problem.retryAfterMs !== undefined) headers.set('retry-after', String(seconds(problem.retryAfterMs)));
  return new Response(JSON.stringify(problemBody(problem)), { status: problem.status, headers });
}

const REFUSALS: Readonly<Record<RefusalReason, Pick<Problem, 'status' | 'code'>>> = {
  empty: { status: 400, code: 'empty' },
  'too-long': { status: 413, code: 'too-long' },
  'unknown-model': { status: 400, code: 'unknown-model' },
  'bad-parameter': { status: 400, code: 'bad-parameter' },
  'nothing-to-replace': { status: 404, code: 'not-found' },
  'replaced-already': { status: 409, code: 'conflict' },
  'still-answering': { status: 409, code: 'conflict' },
  'turn-limit': { status: 429, code: 'turn-limit' },
  'token-limit': { status: 429, code: 'token-limit' },
};

/** Waits where the refusal names none: turns are counted by the minute, tokens by the day. */
const REFUSAL_WAIT_MS: Readonly<Partial<Record<RefusalReason, number>>> = {
  'turn-limit': MINUTE_MS,
  'token-limit': HOUR_MS,
};

export function problemOfRefusal(refused: Extract<Acceptance, { type: 'refused' }>): Problem {
  const { reason, text } = refused;
  const wait = refused.retryAfterMs ?? REFUSAL_WAIT_MS[reason];
  return {
    ...REFUSALS[reason],
    message: text,
    ...(wait !== undefined && { retryAfterMs: wait }),
  };
}

export function problemOfRegeneration(refused: Extract<Regeneration, { type: 'refused' }>): Problem {
  const { reason, text, retryAfterMs } = refused;
  if (reason === 'nothing') return { status: 404, code: 'not-found', message: text };
  if (reason === 'not-finished') return { status: 409, code: 'not-finished', message: text };
  return problemOfRefusal({
    type: 'refused',
    reason,
    text,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const FAILURE_STATUS: Readonly<Record<FailureKind | 'bug', Problem['status']>> = {
  'provider-unavailable': 503,
  'provider-overloaded': 503,
  'model-missing': 503,
  'model-unserved': 503,
  setup: 503,
  'provider-rejected': 502,
  'empty-answer': 502,
  'delivery-failed': 502,
  // Asking the same again cannot help: not a server's fault.
  'context-overflow': 413,
  'bad-input': 400,
  bug: 500,
};

/** A turn that ended without an answer. */
export function problemOfOutcome(outcome: Exclude<TurnOutcome, { state: 'done' }>): Problem {
  if (outcome.state === 'cancelled') {
    return { status: 409, code: 'cancelled', message: 'This turn was stopped before it had an answer.' };
  }
  const { kind, notice } = outcome;
  return {
    status: FAILURE_STATUS[kind],
    code: 'answer-failed',
    message: notice,
    kind,
    ...(kind === 'provider-overloaded' && { retryAfterMs: 10_000 }),
  };
}

/** Something thrown, as the client should see it. Only planned failures say why; the rest is a bug of ours. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof ExpectedFailure) {
    const status = FAILURE_STATUS[error.kind];
    if (status >= 500) {
      const message = 'Parley cannot take this request right now; try again in a moment.';
      return {
        status,
        code: 'unavailable',
        message,
        kind: error.kind,
        retryAfterMs: error.retryAfterMs ?? 5_000,
      };
    }
    return { status, code: 'bad-request', message: error.message, kind: error.kind };
  }
  return { status: 500, code: 'internal', message: 'Something went wrong inside Parley; its log says what.' };
}
