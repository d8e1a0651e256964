import { type CallFailure, readFailure } from './slack-failure.js';

export type CallResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: CallFailure };

/**
 * Makes one call of the Web API. What was sent stays sent when `signal` aborts: the SDK cannot take a call back.
 *
 * @throws `signal.reason` as soon as `signal` aborts
 * @throws whatever is no failure of a call
 */
export async function attemptCall<T>(call: () => Promise<T>, signal: AbortSignal): Promise<CallResult<T>> {
  signal.throwIfAborted();
  try {
    return { ok: true, value: await orAbort(call(), signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, failure: readFailure(error) };
  }
}

function orAbort<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
