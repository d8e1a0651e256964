import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';

describeInBrowser('a comparison on the list of conversations', () => {
  const at = withScriptedParley();

  /** Asks two models, the second one first. @returns the ids of both conversations */
  async function compare(page: Page, question: string): Promise<readonly string[]> {
    await page.goto(`${at.under.url}/compare?first=other&second=hosted`);
    await page.getByLabel('Your message').fill(question);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Both are good' }).waitFor();
    const query = new URL(page.url()).searchParams;
    return ['first', 'second'].map((name) => query.get(`${name}_conversation`) ?? '');
  }
  const titles = (page: Page) => page.locator('.list-rows section a').allTextContents();
  const api = async <Body>(path: string) => (await (await fetch(at.under.url + path)).json()) as Body;
  const listed = async (user: string) =>
    (await api<{ conversations: readonly object[] }>(`/api/conversations?user_id=${user}`)).conversations;
  async function openList(page: Page): Promise<void> {
    await page.goto(at.under.url);
    await page.getByRole('button', { name: 'Conversations' }).waitFor();
    if ((page.viewportSize()?.width ?? 0) < 400)
      await page.getByRole('button', { name: 'Conversations' }).click();
  }

  test.each(FLOW_LOOKS)('has one line, and opens as it was ($colorScheme, $width px)', async (look) => {
    const user = `compares-${look.width}`;
    await at.under.ask('Why is the sea salty?', { user_id: user });
    await using seen = await visit(at.browser, at.under.url, { ...look, user });
    const { page } = seen;
    const ids = await compare(page, 'Why is the sky blue?');
    await openList(page);
    const row = page.getByRole('link', { name: 'Compared: Why is the sky blue?', exact: true });
    await row.waitFor();
    await expect
      .poll(() => titles(page))
      .toEqual(['Compared: Why is the sky blue?', 'Why is the sea salty?']);
    expect(await listed(user), 'the API lists what it keeps').toHaveLength(3);
    expect(await seen.findBarriers()).toEqual([]);
    await row.click();
    await page.getByRole('button', { name: 'Both are good' }).waitFor();
    await expect.poll(() => page.getByLabel('First model').inputValue()).toBe('other');
    await expect.poll(() => page.getByLabel('Second model').inputValue()).toBe('hosted');
    await page.getByLabel('Your message').fill('And at night?');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Both are good' }).nth(1).waitFor();
    for (const id of ids) {
      const { turns } = await api<{ turns: readonly object[] }>(`/api/conversations/${id}`);
      expect(turns).toHaveLength(2);
    }
    expect(seen.problems).toEqual([]);
  });

  test('is named, downloaded and deleted as one', async () => {
    await using seen = await visit(at.browser, at.under.url, { ...LOOKS[0], user: 'tidies' });
    const { page } = seen;
    const ids = await compare(page, 'How deep is the sea?');
    await openList(page);
    const choose = async (name: string, action: string) => {
      await page.getByRole('button', { name: `Options for ${name}` }).click();
      await page.getByRole('button', { name: action, exact: true }).click();
    };
    await choose('Compared: How deep is the sea?', 'Rename');
    await page.getByRole('textbox', { name: 'Title' }).fill('Depths');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Compared: Depths' }).waitFor();
    expect(await listed('tidies')).toMatchObject([{ title: 'Depths' }, { title: 'Depths' }]);
    await page.getByRole('button', { name: 'Options for Compared: Depths' }).click();
    const files = page.getByRole('link', { name: /^Download the (first|second) model as JSON$/ });
    const hrefs = await files.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(hrefs).toEqual(ids.map((id) => `/api/conversations/${id}/export?format=json`));
    await page.keyboard.press('Escape');
    await choose('Compared: Depths', 'Delete…');
    await page.getByRole('dialog', { name: 'Delete “Compared: Depths”?' }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('The conversation is deleted.').waitFor({ state: 'attached' });
    await expect.poll(() => titles(page)).toEqual([]);
    expect(await listed('tidies')).toEqual([]);
    for (const id of ids) {
      const left = await fetch(`${at.under.url}/api/conversations/${id}`);
      expect(await left.text()).not.toContain('How deep');
    }
    expect(seen.problems).toEqual([]);
  });
});
