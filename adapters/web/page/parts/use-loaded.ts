import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { callApi, sentenceOf } from '../api/call-api.js';
import { type AnswerOf, apiAddress, type Operation, type SentWith } from '../api/operations.js';
import { session } from '../state/session.js';

export interface Loaded<T> {
  /** The last answer. It stays while the next is asked for; null before the first. */
  readonly value: T | null;
  /** Why the last try failed, as a sentence; empty where it did not. */
  readonly problem: string;
  /** Asks again. */
  readonly load: () => Promise<void>;
}

/**
 * What the API answers to a GET, asked again when what is sent changes and after a new sign-in.
 *
 * @param everyMs - also asks again this long after each answer, while the page is looked at; 0 never does
 */
export function useLoaded<O extends Operation>(
  operation: O,
  sent: SentWith<O>,
  everyMs = 0,
): Loaded<AnswerOf<O>> {
  const address = apiAddress(operation, sent);
  const answer = useSignal<{ readonly of: string; readonly value: AnswerOf<O> } | null>(null);
  const problem = useSignal('');
  const asked = useRef<AbortController | null>(null);

  const load = useCallback(async () => {
    asked.current?.abort();
    asked.current = new AbortController();
    const { signal } = asked.current;
    try {
      answer.value = { of: address, value: await callApi(operation, { ...sent, signal }) };
      problem.value = '';
    } catch (error) {
      if (signal.aborted) return;
      problem.value = sentenceOf(error);
      // What another address answered is no answer to this one.
      if (answer.value?.of !== address) answer.value = null;
    }
  }, [address, answer, problem]);

  const isOver = session.value === 'over';
  useEffect(() => {
    if (!isOver) void load();
    return () => asked.current?.abort();
  }, [load, isOver]);
  usePoll(load, everyMs);
  return { value: answer.value?.value ?? null, problem: problem.value, load };
}

/**
 * Runs something again and again while the page is looked at and signed in, and once when a person comes back to it.
 *
 * @param everyMs - from the end of one run to the next; 0 runs nothing
 */
function usePoll(run: () => Promise<void>, everyMs: number): void {
  useEffect(() => {
    if (everyMs === 0) return;
    let timer = 0;
    let stopped = false;
    const isLookedAt = () => document.visibilityState === 'visible' && session.peek() !== 'over';

    function wait(): void {
      window.clearTimeout(timer);
      if (!stopped) timer = window.setTimeout(again, everyMs);
    }
    function again(): void {
      window.clearTimeout(timer);
      void (isLookedAt() ? run() : Promise.resolve()).finally(wait);
    }
    document.addEventListener('visibilitychange', again);
    wait();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [run, everyMs]);
}
