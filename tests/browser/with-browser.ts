import type { Browser } from 'playwright-core';
import { opened } from './opened.js';
import { sharing } from './shared.js';

/** How long it may take until a browser, a database and the doubles are there, in ms. */
export const SETUP_MS = 120_000;

/** For the tests of a `describe`: the browser, there once they run. */
export function withBrowser(): { readonly browser: Browser } {
  let browser: Browser | undefined;
  sharing.beforeAll(({ chromium }) => {
    browser = chromium;
  }, SETUP_MS);
  return {
    get browser() {
      return opened(browser);
    },
  };
}
