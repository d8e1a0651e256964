import type { ParameterRange } from './options.js';
import { SETTING_SAID } from './sentences.js';

export type ReadNumber =
  | { readonly value: number }
  /** Nothing but spaces: the default shall hold. */
  | { readonly value: null }
  /** A sentence. */
  | { readonly problem: string };

/** What a person typed for a parameter. A comma may stand for the point. @param label - what the parameter is called */
export function readNumber(text: string, range: ParameterRange, label: string): ReadNumber {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return { value: null };
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(typed) ? Number(typed) : Number.NaN;
  const { min, max, whole } = range;
  const fits = value >= min && value <= max && (!whole || Number.isInteger(value));
  return fits ? { value } : { problem: SETTING_SAID.outOfRange(label, range) };
}
