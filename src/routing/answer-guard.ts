/** A reply that begins with one token this many times is no answer. */
export const DEGENERATE_REPEATS = 16;
/** So much whitespace and nothing else is no answer; sooner the model may still come to its point. */
export const BLANK_DELTAS = 64;
/** One token this many times in a row, late in a reply: the model will not stop by itself. */
export const LOOP_REPEATS = 256;

interface GuardedText {
  /** What may be shown now. */
  readonly text: string;
  /** `degenerate`: nothing was shown, and nothing will be worth showing. `looping`: the reply should end here. */
  readonly verdict: 'fine' | 'degenerate' | 'looping';
}

/**
 * Holds an answer back while it is nothing but whitespace or one repeated token, and notices one that loops.
 * A good answer is late by its first token at most.
 */
export interface AnswerGuard {
  push(delta: string): GuardedText;
  /** What was still held back when the model ended; null where that is no answer: nothing, or only whitespace. */
  flush(): string | null;
}

export function createAnswerGuard(): AnswerGuard {
  let held = '';
  let shown = false;
  let blanks = 0;
  /** The last token without the space around it, and how often it came in a row. */
  let last = '';
  let repeats = 0;

  return {
    push(delta) {
      const token = delta.trim();
      if (shown) {
        repeats = token === last ? repeats + 1 : 1;
        last = token;
        return { text: delta, verdict: repeats >= LOOP_REPEATS ? 'looping' : 'fine' };
      }
      held += delta;
      if (token === '' && last === '') {
        blanks++;
        return { text: '', verdict: blanks >= BLANK_DELTAS ? 'degenerate' : 'fine' };
      }
      if (last === '' || token === last) {
        last = token;
        repeats++;
        return { text: '', verdict: repeats >= DEGENERATE_REPEATS ? 'degenerate' : 'fine' };
      }
      shown = true;
      last = token;
      repeats = 1;
      return { text: held, verdict: 'fine' };
    },
    flush() {
      if (shown) return '';
      return held.trim() === '' ? null : held;
    },
  };
}
