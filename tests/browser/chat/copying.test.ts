import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { withOwnParley } from '../scripted-parley.js';
import { expectUsable } from '../usable.js';

const KEY = 'a-key-of-twenty-characters';
const ANSWER = 'A **line**:\n\n```js\nlet a = 1;\n```';

describeInBrowser('code and answers', () => {
  const at = withOwnParley({ env: { PARLEY_API_KEY: KEY } });
  const ways = FLOW_LOOKS.flatMap((look) => [
    { ...look, way: 'over https, or on this machine', host: '127.0.0.1', secure: true },
    { ...look, way: 'without https', host: 'parley.test', secure: false },
  ]);

  test.each(ways)('are copied $way ($colorScheme, $width px)', async ({ host, secure, ...look }) => {
    await using seen = await visit(at.browser, at.under.url.replace('127.0.0.1', host), look);
    const { page } = seen;
    await page.getByLabel('API key').fill(KEY);
    await page.keyboard.press('Enter');
    const message = page.getByLabel('Your message');
    await message.waitFor();
    expect(await page.evaluate('isSecureContext')).toBe(secure);
    at.model.next(ANSWER);
    await message.fill('A line of code?');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy the code' }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toMatch(/the code$/);
    await message.focus();
    await page.keyboard.press('ControlOrMeta+v');
    await expect.poll(() => message.inputValue()).toBe('let a = 1;');
    await message.fill('');
    await page.getByRole('button', { name: 'Copy the answer' }).click();
    await page.getByText('The answer is copied.').waitFor();
    await expectUsable(seen);
    await message.focus();
    await page.keyboard.press('ControlOrMeta+v');
    await expect.poll(() => message.inputValue()).toBe(ANSWER);
    expect(seen.problems).toEqual([]);
  });
});
