import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { chooseFor, openList } from '../list/list-side.js';
import { describeInBrowser, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';

/** As in a tab behind another one, and, for a moment, on a busy machine: nothing is drawn. */
const NO_FRAMES = 'requestAnimationFrame = () => 0;';

describeInBrowser('the focus, before anything is drawn anew', () => {
  const at = withScriptedParley();

  const focused = (page: Page) => page.locator(':focus');
  const option = (page: Page, title: string) => page.getByRole('button', { name: `Options for ${title}` });

  test.each(LOOKS)('is where a title was changed ($colorScheme, $width px)', async (look) => {
    const user = `renames-${look.width}`;
    await at.under.ask('Why is the sky blue?', { user_id: user });
    await using seen = await visit(at.browser, at.under.url, { ...look, user });
    const { page } = seen;
    await page.addInitScript(NO_FRAMES);
    await page.reload();
    await openList(page);
    const link = (name: string) => page.getByRole('link', { name, exact: true }).and(focused(page));
    await chooseFor(page, 'Why is the sky blue?', 'Rename');
    await page.getByRole('textbox', { name: 'Title' }).fill('Light');
    // An answer that takes its time changes nothing of it.
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/conversations/*', async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Title' }).and(focused(page)).waitFor();
    answer();
    await link('Light').waitFor();
    await chooseFor(page, 'Light', 'Rename');
    await page.keyboard.press('Escape');
    await link('Light').waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(LOOKS)(
    'is on the list after a conversation is deleted ($colorScheme, $width px)',
    async (look) => {
      const user = `deletes-${look.width}`;
      await at.under.ask('Why is the sky blue?', { user_id: user });
      await using seen = await visit(at.browser, at.under.url, { ...look, user });
      const { page } = seen;
      await page.addInitScript(NO_FRAMES);
      await page.reload();
      await openList(page);
      await chooseFor(page, 'Why is the sky blue?', 'Delete…');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await option(page, 'Why is the sky blue?').and(focused(page)).waitFor();
      await chooseFor(page, 'Why is the sky blue?', 'Delete…');
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.locator('.list-rows').and(focused(page)).waitFor();
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(LOOKS)('is where a person was named ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.addInitScript(NO_FRAMES);
    await page.reload();
    await openList(page);
    const change = page.getByRole('button', { name: 'Change your name' });
    await change.click();
    await page.getByLabel('Your name').fill(`named-${look.width}`);
    await page.keyboard.press('Enter');
    await change.and(focused(page)).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(LOOKS)('is on what shows a question, or the settings ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').fill('What is rain?');
    await page.keyboard.press('Enter');
    const edit = page.getByRole('button', { name: 'Edit and send again' });
    await edit.waitFor();
    await page.addInitScript(NO_FRAMES);
    await page.reload();
    await edit.click();
    await page.keyboard.press('Escape');
    await edit.and(focused(page)).waitFor();
    const settings = page.getByRole('button', { name: 'Settings', exact: true });
    await settings.click();
    await page.getByRole('button', { name: 'Close the settings' }).click();
    await settings.and(focused(page)).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('is in the search that a key opens', async () => {
    await using seen = await visit(at.browser, at.under.url, LOOKS[1]);
    const { page } = seen;
    await page.addInitScript(NO_FRAMES);
    await page.reload();
    await page.getByLabel('Your message').waitFor();
    await page.keyboard.press('s');
    const search = page.getByLabel('Search conversations');
    await search.and(focused(page)).waitFor();
    expect(await search.inputValue()).toBe('');
    expect(seen.problems).toEqual([]);
  });
});
