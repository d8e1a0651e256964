import { expect } from 'vitest';
import type { Visit } from './open-browser.js';

/** Chromium's own line for an answer that a test refuses or cuts off on purpose. */
const NOT_LOADED = /^Failed to load resource: /;

const SCROLLERS = 'html, #content, .talk, .list-rows, .settings, dialog, :popover-open';
const WIDE = `[...document.querySelectorAll('${SCROLLERS}')]
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
  .map(({ tagName, className }) => tagName + ' ' + className)`;

/** Nothing on the screen stands in anybody's way, in either theme, and nothing has to be scrolled sideways. */
export async function expectUsable(seen: Visit): Promise<void> {
  expect(await seen.page.evaluate(WIDE)).toEqual([]);
  expect(await seen.findBarriers()).toEqual([]);
}

/** What went wrong in the page beside the requests that a test let fail. */
export function otherProblems({ problems }: Visit): readonly string[] {
  return problems.filter((problem) => !NOT_LOADED.test(problem));
}
