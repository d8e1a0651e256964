import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';

describeInBrowser('a lost connection', () => {
  const at = withScriptedParley();

  async function ask(page: Page, question: string): Promise<void> {
    await page.getByLabel('Your message').fill(question);
    await page.keyboard.press('Enter');
  }

  test.each(FLOW_LOOKS)(
    'has a question sent again, and answered once ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      const asked = at.model.requests.length;
      await page.route('**/api/question', async (route) => {
        await route.fetch();
        await route.abort();
      });
      at.model.next('Once.');
      await ask(page, 'How often do you answer?');
      await page.getByText('Parley cannot be reached: check that it is running, then try again.').waitFor();
      await expectUsable(seen);
      expect(at.model.requests.length).toBe(asked + 1);
      await page.unrouteAll();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.reply', { hasText: 'Once.' }).waitFor();
      await page.reload();
      await page.locator('.reply', { hasText: 'Once.' }).waitFor();
      await expect.poll(() => page.locator('.turn').count()).toBe(1);
      expect(at.model.requests.length).toBe(asked + 1);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'gives a question back that never arrived ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await page.route('**/api/question', (route) => route.abort());
      await ask(page, 'Hello?');
      await page.getByRole('button', { name: 'Edit the question' }).click();
      await expect.poll(() => page.getByLabel('Your message').inputValue()).toBe('Hello?');
      await expect.poll(() => page.locator('.turn').count()).toBe(0);
      await page.unrouteAll();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
      await expect.poll(() => page.locator('.turn').count()).toBe(1);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('is made again where an answer broke off ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.route('**/api/question', async (route) => {
      const response = await route.fetch();
      const [accepted] = (await response.text()).split('\n\n');
      await route.fulfill({ response, body: `${accepted}\n\nevent: delta\ndata: {"text":"On"}\n\n` });
    });
    at.model.next('One two.');
    await ask(page, 'Count.');
    await page.getByText('The connection broke off before the reply was complete.').waitFor();
    await expectUsable(seen);
    expect(await page.getByRole('button', { name: 'Edit the question' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('One two.');
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'keeps an answer that could not be written again ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      at.model.next('The first.');
      await ask(page, 'Hello?');
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
      await page.route('**/regenerate', (route) => route.abort());
      await page.getByRole('button', { name: 'Answer again' }).click();
      await page.getByRole('alert').getByText('Parley cannot be reached').waitFor();
      await expectUsable(seen);
      expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('The first.');
      expect(otherProblems(seen)).toEqual([]);
    },
  );
});
