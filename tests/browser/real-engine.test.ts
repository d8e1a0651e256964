import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startUnderTest, type UnderTest } from '../end-to-end/parley-under-test.js';
import { describeInBrowser, openBrowser, visit } from './open-browser.js';

/** No token comes twice, so that each leads to the next one. */
const REPLY = `## Tides

The *Moon* pulls at the sea: $h = 2 r$.

- high
- low`;

describeInBrowser('the chat, answered by the engine itself', () => {
  let browser: Browser;
  let under: UnderTest;
  beforeAll(async () => {
    [browser, under] = await Promise.all([openBrowser(), startUnderTest({ reply: REPLY })]);
  });
  afterAll(async () => {
    await browser?.close();
    await under?.stop();
  });

  test('shows the reply as it is meant, again when asked, and still after a reload', async () => {
    await using seen = await visit(browser, under.url);
    const { page } = seen;
    await page.getByLabel('Your message').fill('Why are there tides?');
    await page.keyboard.press('Enter');
    const finished = page.getByRole('button', { name: 'Good answer' });
    await finished.waitFor();
    await page.locator('.reply h2, .reply h3', { hasText: 'Tides' }).waitFor();
    await page.locator('.reply math').waitFor();
    await page.getByRole('button', { name: 'Answer again' }).click();
    await finished.waitFor();
    await page.reload();
    await finished.waitFor();
    expect(await page.locator('.reply li').allTextContents()).toEqual(['high', 'low']);
    expect(await page.locator('.reply em').textContent()).toBe('Moon');
    expect(await page.locator('.turn').count()).toBe(1);
    expect(seen.problems).toEqual([]);
  });
});
