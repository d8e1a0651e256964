import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';
import { chooseFor, openList } from './list-side.js';

describeInBrowser('the menu of a listed conversation', () => {
  const at = withScriptedParley();

  /** Conversations of a person, one for each question. */
  async function said(user: string, ...questions: readonly string[]): Promise<void> {
    for (const question of questions) await at.under.ask(question, { user_id: user });
  }
  const row = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
  const titles = (page: Page) => page.locator('.list-rows section a').allTextContents();

  test.each(FLOW_LOOKS)(
    'gives a conversation a title, and takes it back ($colorScheme, $width px)',
    async (look) => {
      await said(`namer-${look.width}`, 'Why is the sky blue?');
      await using seen = await visit(at.browser, at.under.url, { ...look, user: `namer-${look.width}` });
      const { page } = seen;
      await openList(page);
      await row(page, 'Why is the sky blue?').click();
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
      await openList(page);
      await chooseFor(page, 'Why is the sky blue?', 'Rename');
      const title = page.getByRole('textbox', { name: 'Title' });
      await title.fill('x'.repeat(201));
      await page.keyboard.press('Enter');
      await page.getByText('A title holds at most 200 characters: shorten it.').waitFor();
      await expectUsable(seen);
      await title.fill('Light');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Light' }).waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Light');
      await page.getByText('The title is saved.').waitFor({ state: 'attached' });
      await page.reload();
      await openList(page);
      await chooseFor(page, 'Light', 'Rename');
      await title.fill('Darkness');
      await page.keyboard.press('Escape');
      await expect.poll(() => titles(page)).toEqual(['Light']);
      await chooseFor(page, 'Light', 'Rename');
      await title.fill('');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Why is the sky blue?' }).waitFor();
      await expect.poll(() => titles(page)).toEqual(['Why is the sky blue?']);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('clears and deletes, once it is sure ($colorScheme, $width px)', async (look) => {
    await said(`tidy-${look.width}`, 'Why is the sky blue?', 'How deep is the sea?');
    await using seen = await visit(at.browser, at.under.url, { ...look, user: `tidy-${look.width}` });
    const { page } = seen;
    await openList(page);
    await row(page, 'Why is the sky blue?').click();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await openList(page);
    await chooseFor(page, 'Why is the sky blue?', 'Clear…');
    await page.getByRole('dialog', { name: 'Clear “Why is the sky blue?”?' }).waitFor();
    await expectUsable(seen);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect
      .poll(() => page.evaluate('document.activeElement.ariaLabel'))
      .toBe('Options for Why is the sky blue?');
    expect(await page.locator('.turn').count()).toBe(1);
    await chooseFor(page, 'Why is the sky blue?', 'Clear…');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await row(page, 'Nothing is left of it').waitFor();
    await page.getByText('The conversation is cleared.').waitFor({ state: 'attached' });
    await page.locator('.turn').waitFor({ state: 'detached' });

    await chooseFor(page, 'Nothing is left of it', 'Delete…');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('What would you like to know?').waitFor();
    await page.getByText('The conversation is deleted.').waitFor({ state: 'attached' });
    expect(await page.evaluate('location.search')).toBe('');
    await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('list-rows');
    await page.reload();
    await openList(page);
    await row(page, 'How deep is the sea?').waitFor();
    await expect.poll(() => titles(page)).toEqual(['How deep is the sea?']);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says in the dialog why something could not be deleted ($colorScheme, $width px)',
    async (look) => {
      await said(`refused-${look.width}`, 'Why is the sky blue?');
      await using seen = await visit(at.browser, at.under.url, { ...look, user: `refused-${look.width}` });
      const { page } = seen;
      await openList(page);
      await chooseFor(page, 'Why is the sky blue?', 'Delete…');
      await page.route('**/api/conversations/*', (route) => route.abort());
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByRole('dialog', { name: 'Delete' }).getByText('Parley cannot be reached').waitFor();
      await expectUsable(seen);
      await page.unrouteAll();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByRole('dialog', { name: 'Delete' }).waitFor({ state: 'detached' });
      await page.getByText('Nothing here yet').waitFor();
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('downloads a conversation ($colorScheme, $width px)', async (look) => {
    const user = `keeper-${look.width}`;
    await said(user, 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url, { ...look, user });
    const { page } = seen;
    await openList(page);
    const download = async (format: string) => {
      await page.getByRole('button', { name: 'Options for Why is the sky blue?' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: `Download as ${format}` }).click(),
      ]);
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
    };
    const json = await download('JSON');
    expect(json.name).toMatch(/\.json$/);
    expect(JSON.stringify(JSON.parse(json.text))).toContain('Why is the sky blue?');
    const markdown = await download('Markdown');
    expect(markdown.name).toMatch(/\.md$/);
    expect(markdown.text).toMatch(/^[^{].*Why is the sky blue\?.*Hello! I am a scripted model\./s);
    expect(seen.problems).toEqual([]);
  });
});
