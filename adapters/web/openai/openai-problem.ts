import { z } from '@hono/zod-openapi';
import type { Problem } from '../http/problem.js';

/** What the OpenAI API calls an error, for its clients. */
export const OpenAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.enum(['invalid_request_error', 'rate_limit_error', 'server_error']),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .openapi('OpenAiError');

/** Names that clients of the OpenAI API look for. */
const CODES: Readonly<Partial<Record<Problem['code'], string>>> = {
  unauthorized: 'invalid_api_key',
  'unknown-model': 'model_not_found',
  'turn-limit': 'rate_limit_exceeded',
  'attempt-limit': 'rate_limit_exceeded',
  'token-limit': 'insufficient_quota',
};

export function openAiBody(problem: Problem): z.output<typeof OpenAiError> {
  const { status, code, message, issues } = problem;
  const overflow = problem.kind === 'context-overflow';
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return {
    error: {
      message,
      type,
      param: issues?.[0]?.field ?? (code === 'unknown-model' ? 'model' : null),
      code: overflow ? 'context_length_exceeded' : (CODES[code] ?? code.replaceAll('-', '_')),
    },
  };
}

export function openAiResponse(problem: Problem): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8', ...problem.headers });
  if (problem.retryAfterMs !== undefined)
    headers.set('retry-after', String(Math.max(1, Math.ceil(problem.retryAfterMs / 1000))));
  const status = problem.code === 'unknown-model' ? 404 : problem.status;
  return new Response(JSON.stringify(openAiBody(problem)), { status, headers });
}
