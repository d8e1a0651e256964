import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';
import { closeList, openList } from './list-side.js';

describeInBrowser('the list of conversations', () => {
  const at = withScriptedParley();

  /** Conversations of a person, one for each question. */
  async function said(user: string, ...questions: readonly string[]): Promise<void> {
    for (const question of questions) await at.under.ask(question, { user_id: user });
  }
  const row = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
  const titles = (page: Page) => page.locator('.list-rows section a').allTextContents();
  /** The titles of a person's conversations, as the API lists them. */
  async function stored(user: string): Promise<readonly string[]> {
    const response = await fetch(`${at.under.url}/api/conversations?user_id=${user}&limit=50`);
    const { conversations } = (await response.json()) as { conversations: { title: string }[] };
    return conversations.map(({ title }) => title);
  }

  beforeAll(async () => {
    const questions = Array.from({ length: 32 }, (_, index) => `Question ${index + 1}`);
    await Promise.all(questions.map((question) => said('talker', question)));
  });

  test.each(LOOKS)('stands beside the chat, or slides over it ($colorScheme, $width px)', async (look) => {
    const user = `${look.colorScheme}-${look.width}`;
    await said(user, 'Why is the sky blue?', 'A very long question '.repeat(20));
    await using seen = await visit(at.browser, at.under.url, { ...look, user });
    const { page } = seen;
    const opener = page.getByRole('button', { name: 'Conversations' });
    await opener.waitFor();
    if (look.width < 400) {
      expect(await row(page, 'Why is the sky blue?').count()).toBe(0);
      await opener.click();
      await page.getByRole('dialog', { name: 'Conversations' }).waitFor();
    }
    await row(page, 'Why is the sky blue?').waitFor();
    await expectUsable(seen);
    await page.getByRole('button', { name: 'Options for Why is the sky blue?' }).click();
    await page.getByRole('button', { name: 'Rename' }).waitFor();
    await expectUsable(seen);
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog', { name: 'Delete “Why is the sky blue?”?' }).waitFor();
    await expectUsable(seen);
    await page.keyboard.press('Escape');
    if (look.width < 400) {
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe('Conversations');
      await opener.click();
    }
    await row(page, 'Why is the sky blue?').click();
    await page.getByRole('heading', { level: 1, name: 'Why is the sky blue?' }).waitFor();
    await page.getByText('Hello! I am a scripted model.').waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expectUsable(seen);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says what it is for while it is empty, and takes in a question at once ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, { ...look, user: `new-${look.width}` });
      const { page } = seen;
      await openList(page);
      await page.getByText('Nothing here yet: what you ask is kept here.').waitFor();
      await expectUsable(seen);
      await closeList(page);
      at.model.next({ fault: 'hang' });
      await page.getByLabel('Your message').fill('Are you there?');
      await page.keyboard.press('Enter');
      await openList(page);
      await page.locator('.list-rows a[aria-current]', { hasText: 'Are you there?' }).waitFor();
      await closeList(page);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Stopped.').waitFor();
      await page.getByRole('button', { name: 'New conversation' }).click();
      await page.getByText('What would you like to know?').waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('message');
      await openList(page);
      await row(page, 'Are you there?').waitFor();
      await expect.poll(() => page.locator('.list-rows a[aria-current]').count()).toBe(0);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('is searched while a person types ($colorScheme, $width px)', async (look) => {
    await said(`searcher-${look.width}`, 'Why is the sky blue?', 'How deep is the sea?');
    await using seen = await visit(at.browser, at.under.url, { ...look, user: `searcher-${look.width}` });
    const { page } = seen;
    await openList(page);
    await row(page, 'How deep is the sea?').waitFor();
    await page.getByLabel('Search conversations').pressSequentially('SKY');
    await page.getByText('One conversation found.').waitFor();
    await expect.poll(() => titles(page)).toEqual(['Why is the sky blue?']);
    await page.getByLabel('Search conversations').fill('moon <b>');
    await page.getByText('No conversation holds “moon <b>”: try other words.').waitFor();
    await expectUsable(seen);
    await expect.poll(() => titles(page)).toEqual([]);
    await page.getByLabel('Search conversations').fill('');
    await row(page, 'How deep is the sea?').waitFor();
    await expect.poll(() => titles(page)).toEqual(['How deep is the sea?', 'Why is the sky blue?']);
    await row(page, 'How deep is the sea?').click();
    await page.getByRole('heading', { level: 1, name: 'How deep is the sea?' }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'is read again where it could not be read ($colorScheme, $width px)',
    async (look) => {
      await said(`patient-${look.width}`, 'Why is the sky blue?');
      await using seen = await visit(at.browser, at.under.url, { ...look, user: `patient-${look.width}` });
      const { page } = seen;
      await openList(page);
      await row(page, 'Why is the sky blue?').waitFor();
      await page.route('**/api/conversations?*', (route) => route.abort());
      await page.reload();
      await openList(page);
      await page.getByText('Parley cannot be reached: check that it is running, then try again.').waitFor();
      await expectUsable(seen);
      await page.unrouteAll();
      await page.getByRole('button', { name: 'Try again' }).click();
      await row(page, 'Why is the sky blue?').waitFor();
      await expect.poll(() => page.getByText('Parley cannot be reached').count()).toBe(0);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'shows more, and keeps it when a question is asked ($colorScheme, $width px)',
    async (look) => {
      const all = await stored('talker');
      expect(all.length).toBe(32);
      const oldest = all.at(-1) ?? '';
      await using seen = await visit(at.browser, at.under.url, { ...look, user: 'talker' });
      const { page } = seen;
      await openList(page);
      await page.getByRole('button', { name: 'Show more' }).waitFor();
      await expect.poll(() => titles(page)).toEqual(all.slice(0, 30));
      await page.getByRole('button', { name: 'Show more' }).click();
      await row(page, oldest).waitFor();
      await expect.poll(() => titles(page)).toEqual(all);
      await expect.poll(() => page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
      await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('list-rows');
      await expectUsable(seen);
      await row(page, oldest).click();
      await page.getByLabel('Your message').fill('And another?');
      await page.keyboard.press('Enter');
      await page.getByText('The reply is complete.').waitFor({ state: 'attached' });
      await openList(page);
      await expect.poll(() => titles(page)).toEqual([oldest, ...all.slice(0, -1)]);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('is of the name that a person gives ($colorScheme, $width px)', async (look) => {
    const user = `Ada-${look.width}`;
    await said(user, 'Why is the sky blue?');
    await using seen = await visit(at.browser, at.under.url, { ...look, user: null });
    const { page } = seen;
    await openList(page);
    const change = page.getByRole('button', { name: 'Change your name' });
    await change.click();
    const name = page.getByLabel('Your name');
    await name.fill('x'.repeat(129));
    await page.keyboard.press('Enter');
    await page.getByText('A name holds at most 128 characters: shorten it.').waitFor();
    await expectUsable(seen);
    await page.keyboard.press('Escape');
    await change.and(page.locator(':focus')).waitFor();
    await change.click();
    await name.fill(` ${user} `);
    await page.keyboard.press('Enter');
    await row(page, 'Why is the sky blue?').waitFor();
    await expect.poll(() => page.locator('.user b').textContent()).toBe(user);
    await page.reload();
    await openList(page);
    await row(page, 'Why is the sky blue?').waitFor();
    await change.click();
    await name.fill('');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing here yet').waitFor();
    expect(seen.problems).toEqual([]);
  });
});
