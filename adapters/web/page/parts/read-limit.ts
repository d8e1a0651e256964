import type { FieldIssue } from '../api/call-api.js';

/** @returns null for an empty field, or what is wrong with the text */
export function readLimit(field: string, text: string): number | null | FieldIssue {
  const typed = text.trim();
  if (typed === '') return null;
  if (/^\d{1,15}$/.test(typed)) return Number(typed);
  return { field, message: 'must be a whole number in digits alone, or empty' };
}
