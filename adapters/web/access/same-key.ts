import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in constant time; digests have one length, so that a key's length does not show either. */
export function sameKey(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
