import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, LOOKS, visit } from './open-browser.js';
import { withScriptedParley } from './scripted-parley.js';

describeInBrowser('the list of conversations', () => {
  const at = withScriptedParley();

  /** Conversations of a person, one for each question. */
  async function said(user: string, ...questions: readonly string[]): Promise<void> {
    for (const question of questions) await at.under.ask(question, { user_id: user });
  }
  const look = (user: string) => ({ ...LOOKS[0], user });
  const row = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
  const titles = (page: Page) => page.locator('.list-rows section a').allTextContents();
  async function choose(page: Page, title: string, action: string): Promise<void> {
    await page.getByRole('button', { name: `Options for ${title}` }).click();
    await page.getByRole('button', { name: action, exact: true }).click();
  }

  test.each(LOOKS)('stands beside the chat, or slides over it ($colorScheme, $width px)', async (sight) => {
    const user = `${sight.colorScheme}-${sight.width}`;
    await said(user, 'Why is the sky blue?', 'A very long question '.repeat(20));
    await using seen = await visit(at.browser, at.under.url, { ...sight, user });
    const { page } = seen;
    const opener = page.getByRole('button', { name: 'Conversations' });
    await opener.waitFor();
    if (sight.width < 400) {
      expect(await row(page, 'Why is the sky blue?').count()).toBe(0);
      await opener.click();
      await page.getByRole('dialog', { name: 'Conversations' }).waitFor();
    }
    await row(page, 'Why is the sky blue?').waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await page.getByRole('button', { name: 'Options for Why is the sky blue?' }).click();
    await page.getByRole('button', { name: 'Rename' }).waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog', { name: 'Delete “Why is the sky blue?”?' }).waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await page.keyboard.press('Escape');
    if (sight.width < 400) {
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Conversations');
      await opener.click();
    }
    await row(page, 'Why is the sky blue?').click();
    await page.getByRole('heading', { level: 1, name: 'Why is the sky blue?' }).waitFor();
    await page.getByText('Hello! I am a scripted model.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await seen.findBarriers()).toEqual([]);
    expect(seen.problems).toEqual([]);
  });

  test('says what it is for while it is empty, and takes in a question at once', async () => {
    await using seen = await visit(at.browser, at.under.url, look('new'));
    const { page } = seen;
    await page.getByText('Nothing here yet: what you ask is kept here.').waitFor();
    at.model.next({ fault: 'hang' });
    await page.getByLabel('Your message').fill('Are you there?');
    await page.keyboard.press('Enter');
    await page.locator('.list-rows a[aria-current]', { hasText: 'Are you there?' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    await page.getByRole('button', { name: 'New conversation' }).click();
    await page.getByText('What would you like to know?').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('message');
    expect(await page.locator('.list-rows a[aria-current]').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test('is searched while a person types', async () => {
    await said('searcher', 'Why is the sky blue?', 'How deep is the sea?');
    await using seen = await visit(at.browser, at.under.url, look('searcher'));
    const { page } = seen;
    await row(page, 'How deep is the sea?').waitFor();
    await page.getByLabel('Search conversations').pressSequentially('SKY');
    await page.getByText('One conversation found.').waitFor();
    expect(await titles(page)).toEqual(['Why is the sky blue?']);
    await page.getByLabel('Search conversations').fill('moon <b>');
    await page.getByText('No conversation holds “moon <b>”: try other words.').waitFor();
    expect(await titles(page)).toEqual([]);
    await page.getByLabel('Search conversations').fill('');
    await row(page, 'How deep is the sea?').waitFor();
    expect(await titles(page)).toEqual(['How deep is the sea?', 'Why is the sky blue?']);
    expect(seen.problems).toEqual([]);
  });

  test('gives a conversation a title, and takes it back', async () => {
    await said('namer', 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url, look('namer'));
    const { page } = seen;
    await row(page, 'Why is the sky blue?').click();
    await choose(page, 'Why is the sky blue?', 'Rename');
    const title = page.getByRole('textbox', { name: 'Title' });
    await title.fill('x'.repeat(201));
    await page.keyboard.press('Enter');
    await page.getByText('title must be at most 200 characters long.').waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await title.fill('Light');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Light' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Light');
    await page.reload();
    await choose(page, 'Light', 'Rename');
    await page.keyboard.press('Escape');
    await choose(page, 'Light', 'Rename');
    await title.fill('');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Why is the sky blue?' }).waitFor();
    expect(await titles(page)).toEqual(['Why is the sky blue?']);
  });

  test('clears and deletes, once it is sure', async () => {
    await said('tidy', 'Why is the sky blue?', 'How deep is the sea?');
    await using seen = await visit(at.browser, at.under.url, look('tidy'));
    const { page } = seen;
    await row(page, 'Why is the sky blue?').click();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await choose(page, 'Why is the sky blue?', 'Clear…');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.locator('.turn').count()).toBe(1);
    await choose(page, 'Why is the sky blue?', 'Clear…');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await row(page, 'Nothing is left of it').waitFor();
    await page.getByText('The conversation is cleared.').waitFor({ state: 'attached' });
    await page.locator('.turn').waitFor({ state: 'detached' });

    await choose(page, 'Nothing is left of it', 'Delete…');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('What would you like to know?').waitFor();
    await page.getByText('The conversation is deleted.').waitFor({ state: 'attached' });
    expect(await page.evaluate('location.search')).toBe('');
    expect(await page.evaluate('document.activeElement.className')).toBe('list-rows');
    await page.reload();
    await row(page, 'How deep is the sea?').waitFor();
    expect(await titles(page)).toEqual(['How deep is the sea?']);
    expect(seen.problems).toEqual([]);
  });

  test('says in the dialog why something could not be deleted', async () => {
    await said('refused', 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url, look('refused'));
    const { page } = seen;
    await choose(page, 'Why is the sky blue?', 'Delete…');
    await page.route('**/api/conversations/*', (route) => route.abort());
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByText('Parley cannot be reached').waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Nothing here yet').waitFor();
  });

  test('is read again where it could not be read', async () => {
    await said('patient', 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url, look('patient'));
    const { page } = seen;
    await row(page, 'Why is the sky blue?').waitFor();
    await page.route('**/api/conversations?*', (route) => route.abort());
    await page.reload();
    await page.getByText('Parley cannot be reached: check that it is running, then try again.').waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await row(page, 'Why is the sky blue?').waitFor();
    expect(await page.getByText('Parley cannot be reached').count()).toBe(0);
  });

  test('shows more, and keeps it when a question is asked', async () => {
    const questions = Array.from({ length: 30 }, (_, index) => `Question ${index + 3}`);
    await said('talker', 'Question 1', 'Question 2');
    await Promise.all(questions.map((question) => said('talker', question)));
    await using seen = await visit(at.browser, at.under.url, look('talker'));
    const { page } = seen;
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    const newest = await titles(page);
    expect(newest.toSorted()).toEqual(questions.toSorted());
    await page.getByRole('button', { name: 'Show more' }).click();
    await row(page, 'Question 1').waitFor();
    expect(await titles(page)).toEqual([...newest, 'Question 2', 'Question 1']);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    expect(await page.evaluate('document.activeElement.className')).toBe('list-rows');
    await row(page, 'Question 1').click();
    await page.getByLabel('Your message').fill('And another?');
    await page.keyboard.press('Enter');
    await page.getByText('The reply is complete.').waitFor({ state: 'attached' });
    await expect.poll(() => titles(page)).toEqual(['Question 1', ...newest, 'Question 2']);
    expect(seen.problems).toEqual([]);
  }, 120_000);

  test('is of the name that a person gives', async () => {
    await said('Ada', 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.getByRole('button', { name: 'Change your name' }).click();
    const name = page.getByLabel('Your name');
    await name.fill('x'.repeat(129));
    await page.keyboard.press('Enter');
    await page.getByText('A name holds at most 128 characters: shorten it.').waitFor();
    await name.fill(' Ada ');
    await page.keyboard.press('Enter');
    await row(page, 'Why is the sky blue?').waitFor();
    expect(await page.locator('.user b').textContent()).toBe('Ada');
    await page.reload();
    await row(page, 'Why is the sky blue?').waitFor();
    await page.getByRole('button', { name: 'Change your name' }).click();
    await name.fill('');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing here yet').waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('downloads a conversation', async () => {
    await said('keeper', 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url, look('keeper'));
    const { page } = seen;
    for (const format of ['JSON', 'Markdown']) {
      await page.getByRole('button', { name: 'Options for Why is the sky blue?' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: `Download as ${format}` }).click(),
      ]);
      expect(await readFile(await file.path(), 'utf8')).toContain('Why is the sky blue?');
    }
  });
});
