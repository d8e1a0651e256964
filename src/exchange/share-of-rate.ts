import type { Rate } from '../ports/delivery/edit-budget.js';

/**
 * What each of `takers` may do that cannot ask each other: together the rate, in every window where it allows each an
 * edit, else on average.
 */
export function shareOfRate(rate: Rate, takers: number): Rate {
  const edits = Math.floor(rate.edits);
  const each = Math.floor(edits / takers);
  return each >= 1
    ? { edits: each, perMs: rate.perMs }
    : { edits: 1, perMs: rate.perMs * Math.ceil(takers / edits) };
}
