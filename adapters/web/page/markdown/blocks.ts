import type { Token } from 'marked';
import { markdown } from './render-block.js';

/** A text that grows, cut where what stands before can change no more. */
export interface Blocks {
  /** Each a whole paragraph, list, table, … as written. */
  readonly finished: readonly string[];
  /** What may yet become something else, as a list that goes on. */
  readonly tail: string;
  /** Of all finished blocks, in UTF-16 code units. */
  readonly finishedLength: number;
}

export const NO_BLOCKS: Blocks = { finished: [], tail: '', finishedLength: 0 };

/**
 * The blocks of `text`, of which those of its beginning are known. Only what follows them is read again, so that a
 * long text costs no more per step than a short one.
 */
export function advance(known: Blocks, text: string): Blocks {
  const from = text.startsWith(known.finished.join('') + known.tail) ? known : NO_BLOCKS;
  const rest = text.slice(from.finishedLength);
  const pieces = markdown.lexer(rest);
  const last = firstOpen(pieces);
  const finished = pieces.slice(0, Math.max(0, last)).map(({ raw }) => raw);
  const length = finished.reduce((sum, raw) => sum + raw.length, 0);
  // The lexer makes tabs and line ends alike: where that moved something, all of it stays in the tail.
  if (!rest.startsWith(finished.join(''))) return { ...from, tail: rest };
  return {
    finished: [...from.finished, ...finished],
    tail: rest.slice(length),
    finishedLength: from.finishedLength + length,
  };
}

/** How the number of a list's next item begins, while it is nothing yet. */
const NUMBER_BEGUN = /^ {0,3}\d{1,9}[.)]?$/;

/** Where that begins which may yet change: the last block, with the list before it that this may turn out to go on. */
function firstOpen(pieces: readonly Token[]): number {
  const last = pieces.findLastIndex(({ type }) => type !== 'space');
  if (!NUMBER_BEGUN.test(pieces[last]?.raw.trimEnd() ?? '')) return last;
  const before = pieces.findLastIndex(({ type }, index) => index < last && type !== 'space');
  return pieces[before]?.type === 'list' ? before : last;
}
