import { expect, test } from 'vitest';
import { describeInBrowser, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable } from '../usable.js';

describeInBrowser('the theme', () => {
  const at = withScriptedParley();

  test.each(LOOKS)('is the chosen one, or the system’s ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    const other = look.colorScheme === 'light' ? 'dark' : 'light';
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const menu = page.getByLabel('Theme');
    await page.getByLabel('Your message').waitFor();
    await expect.poll(() => menu.inputValue()).toBe('system');
    const first = await paper();
    await page.emulateMedia({ colorScheme: other });
    await expect.poll(paper).not.toBe(first);
    const second = await paper();
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await expect.poll(paper).toBe(first);

    await menu.selectOption({ label: other === 'dark' ? 'Dark' : 'Light' });
    await expect.poll(paper).toBe(second);
    await expectUsable(seen);
    await page.reload();
    await page.getByLabel('Your message').waitFor();
    await expect.poll(() => paper()).toBe(second);
    await expect.poll(() => menu.inputValue()).toBe(other);
    await menu.selectOption({ label: 'System' });
    await expect.poll(paper).toBe(first);
    await page.reload();
    await page.getByLabel('Your message').waitFor();
    await expect.poll(() => paper()).toBe(first);
    expect(seen.problems).toEqual([]);
  });
});
