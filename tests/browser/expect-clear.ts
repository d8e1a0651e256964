import { expect } from 'vitest';
import { isTooWide, type Visit } from './open-browser.js';

/** Nobody is kept out by the page as it is now, and nobody has to scroll it sideways. */
export async function expectClear(seen: Visit): Promise<void> {
  expect(await isTooWide(seen.page)).toBe(false);
  expect(await seen.findBarriers()).toEqual([]);
}
