import type { Api } from './api-types.js';
import { type CallOptions, request } from './call-api.js';
import { readEvents } from './event-stream.js';
import type { SentWith, StreamedOperation } from './operations.js';

/** A call that answers with events, and what is sent with it. */
export type EventCall = {
  [O in StreamedOperation]: { readonly operation: O } & SentWith<O> & Pick<CallOptions, 'idempotencyKey'>;
}[StreamedOperation];

/** One event of an answer, as the API describes them. */
export type AnswerEvent = Api[StreamedOperation]['events'];

/**
 * Calls the API and yields the events of its answer as they come.
 *
 * @throws {ApiError}
 * @throws {TypeError} where the connection ends within the answer
 * @throws `signal.reason` on abort
 */
export async function* callEvents(
  { operation, ...sent }: EventCall,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void> {
  const response = await request(operation, { ...sent, signal }, 'text/event-stream');
  if (!response.body) throw new TypeError('an answer without a body');
  for await (const { name, data } of readEvents(response.body)) {
    // The server writes events as it describes them; a newer one's, of other names, are passed over by who reads them.
    yield { event: name, data } as AnswerEvent;
  }
}
