import { z } from 'zod';
import { ExpectedFailure } from '../../../src/domain/failure.js';

/** An error as an endpoint states it, in a body or in its stream. */
export interface StatedError {
  /** HTTP status, or the one that an error inside a stream names. */
  readonly status: number;
  readonly body: string;
  /** Milliseconds, already capped. */
  readonly retryAfterMs?: number | undefined;
}

const Identifier = z.union([z.string(), z.number()]).nullish().catch(null);
const ErrorFields = z.object({
  code: Identifier,
  type: Identifier,
  message: z.string().nullish().catch(null),
});
const ErrorBody = z.object({ error: ErrorFields.nullish().catch(null) }).and(ErrorFields);

const CONTEXT =
  /context[_ ]length|context[_ ](window|size)|maximum context|max_model_len|exceed_context|available context|too many (input )?tokens|(prompt|input)s? (is|are) too long|string_above_max_length|`?inputs`? tokens \+ `?max_new_tokens/i;
const QUOTA =
  /insufficient_quota|billing_hard_limit|exceeded your current quota|monthly (included )?credits/i;
const OVERLOAD = /overloaded|rate_?limit|too_many_requests/i;

/**
 * The planned failure for an endpoint's error. Its sentence holds the status and the endpoint's short code,
 * never its message: that may quote the prompt or the key.
 *
 * @param name - the endpoint's
 * @param secret - never part of the sentence
 */
export function failureOf(name: string, error: StatedError, secret: string): ExpectedFailure {
  const { status, body, retryAfterMs } = error;
  const code = shortCode(body, secret);
  const said = `${name} answered ${status}${code === null ? '' : ` (${code})`}`;
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (QUOTA.test(body) && status < 500) {
    return new ExpectedFailure('provider-rejected', `${said}: the account's quota is used up`);
  }
  if (status === 401) return new ExpectedFailure('provider-rejected', `${said}: the key is missing or wrong`);
  if (status === 402)
    return new ExpectedFailure('provider-rejected', `${said}: the account has no credit left`);
  if (status === 403) {
    return new ExpectedFailure(
      'provider-rejected',
      `${said}: the key may not use this model, or the request was blocked`,
    );
  }
  if (status === 413 || (status !== 429 && CONTEXT.test(body))) {
    return new ExpectedFailure(
      'context-overflow',
      `${said}: the prompt does not fit the model's context window`,
    );
  }
  if (status === 429 || status === 529 || OVERLOAD.test(code ?? '')) {
    return new ExpectedFailure('provider-overloaded', `${said}: too many requests`, options);
  }
  if (status === 404 || status === 410) {
    return new ExpectedFailure('provider-rejected', `${said}: no such model or address`);
  }
  if (status === 408 || status === 425 || status >= 500) {
    return new ExpectedFailure('provider-unavailable', said, options);
  }
  if (status >= 300 && status < 400) {
    return new ExpectedFailure(
      'provider-rejected',
      `${said}: it redirects, so its address is not quite right`,
    );
  }
  return new ExpectedFailure('provider-rejected', said);
}

/** An error event inside a stream that began well: the status it names, else 500. */
export function streamError(body: unknown): StatedError {
  const parsed = ErrorBody.safeParse(body);
  const named = Number(parsed.data?.error?.code ?? parsed.data?.code);
  const status = Number.isInteger(named) && named >= 400 && named < 600 ? named : 500;
  return { status, body: JSON.stringify(body) };
}

/** What came is not what the protocol allows. */
export function rubbish(name: string, what: string): ExpectedFailure {
  return new ExpectedFailure('provider-unavailable', `${name} ${what}`);
}

/** A failed connection: its system or TLS code is enough, the error itself may hold the request. */
export function connectionFailure(name: string, error: unknown): ExpectedFailure {
  const code = codeOf(error);
  const sentence =
    code === 'UND_ERR_CONNECT_TIMEOUT'
      ? `no connection to ${name} in time`
      : `the connection to ${name} failed${code === null ? '' : ` (${code})`}`;
  return new ExpectedFailure('provider-unavailable', sentence);
}

function codeOf(error: unknown): string | null {
  const parsed = z.object({ code: z.string().regex(/^[\w-]{1,64}$/) }).safeParse(error);
  if (parsed.success) return parsed.data.code;
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : null;
}

function shortCode(body: string, secret: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const parsed = ErrorBody.safeParse(json);
  const fields = [parsed.data?.error?.code, parsed.data?.error?.type, parsed.data?.code, parsed.data?.type];
  const code = fields
    .map((field) => (typeof field === 'string' ? field : ''))
    .find((field) => /^[\w.-]{1,64}$/.test(field));
  return code === undefined || (secret !== '' && code.includes(secret)) ? null : code;
}
