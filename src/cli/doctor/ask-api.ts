import type { z } from 'zod';

/** What an API answered, or that it could not be asked. */
export type ApiAnswer =
  | { readonly type: 'answer'; readonly status: number; readonly headers: Headers; readonly body: unknown }
  | { readonly type: 'unreachable'; readonly reason: string };

/**
 * Asks an API once.
 *
 * @param body - form fields to POST; null: GET
 * @throws `signal.reason` on abort
 */
export async function askApi(
  url: string,
  {
    authorization,
    body = null,
    signal,
  }: { authorization?: string; body?: URLSearchParams | null; signal: AbortSignal },
): Promise<ApiAnswer> {
  try {
    const response = await fetch(url, {
      method: body === null ? 'GET' : 'POST',
      body,
      headers: authorization === undefined ? {} : { authorization },
      // A token must not follow a redirect to another host.
      redirect: 'manual',
      signal,
    });
    const text = await response.text();
    return { type: 'answer', status: response.status, headers: response.headers, body: parse(text) };
  } catch (error) {
    signal.throwIfAborted();
    return { type: 'unreachable', reason: reasonOf(error) };
  }
}

/** The part of an answer that `schema` reads; null where the answer is something else. */
export function readBody<Schema extends z.ZodType>(
  answer: ApiAnswer,
  schema: Schema,
): z.output<Schema> | null {
  if (answer.type !== 'answer') return null;
  const read = schema.safeParse(answer.body);
  return read.success ? read.data : null;
}

/** Why a connection failed, in the code that the system gave. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
