import { ApiError, sentenceOf } from '../../api/call-api.js';
import { type AnswerEvent, callEvents, type EventCall } from '../../api/call-events.js';
import { SAID } from '../sentences.js';

export type AnswerCall = EventCall & {
  /** What has to be done before it is asked; its failure is the call's. @throws {ApiError} */
  readonly before?: () => Promise<void>;
};

/** Why an answer came to no end that the page saw. */
export interface BrokenAnswer {
  readonly notice: string;
  /** Asking again may help. */
  readonly broken: boolean;
}

/**
 * Asks for an answer and hands in its events as they come.
 *
 * @returns how it broke off; null where the stream was read to its end, whatever it said
 * @throws `signal.reason` on abort
 */
export async function followAnswer(
  { before, ...call }: AnswerCall,
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<BrokenAnswer | null> {
  let ended = false;
  try {
    await before?.();
    signal.throwIfAborted();
    for await (const event of callEvents(call, signal)) {
      ended ||= event.event === 'done' || event.event === 'error';
      onEvent(event);
    }
    return ended ? null : { notice: SAID.broken, broken: true };
  } catch (error) {
    signal.throwIfAborted();
    if (ended) return null;
    if (error instanceof ApiError) return { notice: sentenceOf(error), broken: mayPass(error) };
    // The connection ended within the answer.
    return { notice: SAID.broken, broken: true };
  }
}

/** Out of reach, in trouble, or asked too much too soon: that passes. A question that is refused stays refused. */
function mayPass({ status }: ApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
}
