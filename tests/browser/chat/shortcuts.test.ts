import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { closeList, openList } from '../list/list-side.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable } from '../usable.js';

describeInBrowser('the keyboard', () => {
  const at = withScriptedParley();

  const focused = (page: Page) => page.evaluate('document.activeElement.id');
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

  test.each(FLOW_LOOKS)('shows what it can do ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByLabel('Your message').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await expectUsable(seen);
    await page.keyboard.press('n');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('s');
    await expect.poll(() => focused(page)).toBe('search');
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor({ state: 'detached' });
    expect(seen.problems).toEqual([]);
  });

  test('goes from conversation to conversation', async () => {
    for (const question of ['One?', 'Two?', 'Three?']) await at.under.ask(question, { user_id: 'reader' });
    await using seen = await visit(at.browser, at.under.url, { ...LOOKS[0], user: 'reader' });
    const { page } = seen;
    await page.getByRole('link', { name: 'One?' }).waitFor();
    await page.keyboard.press('j');
    await heading(page, 'Three?').waitFor();
    await page.keyboard.press('j');
    await heading(page, 'Two?').waitFor();
    await page.keyboard.press('k');
    await heading(page, 'Three?').waitFor();
    await page.keyboard.press('m');
    await page.keyboard.type('njksm?');
    await expect.poll(() => page.getByLabel('Your message').inputValue()).toBe('njksm?');
    await page.getByLabel('Your message').blur();
    await page.keyboard.press('n');
    await heading(page, 'New conversation').waitFor();
    await expect.poll(() => focused(page)).toBe('message');
    await expect.poll(() => page.getByLabel('Your message').inputValue()).toBe('njksm?');
  });

  test('reaches what can be done with an answer', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    const back = async (...names: readonly string[]) => {
      for (const name of names) {
        await page.keyboard.press('Shift+Tab');
        await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe(name);
      }
    };
    await page.getByLabel('Your message').fill('What is rain?');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Edit and send again' }).waitFor();
    await back('Answer again', 'Bad answer', 'Good answer');
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Good answer', pressed: true }).waitFor();
    await back('Copy the answer', 'Edit and send again');
    await page.keyboard.press('Enter');
    const field = page.getByLabel('The question, asked another way');
    await field.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit and send again' }).and(page.locator(':focus')).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('stops an answer where it is asked for', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    at.model.next({
      tokens: splitTokens('One two three four.'),
      break: { afterTokens: 2, how: { kind: 'hang' } },
    });
    await page.getByLabel('Your message').fill('Count.');
    await page.keyboard.press('Enter');
    await page.locator('.reply', { hasText: 'One' }).waitFor();
    const stops: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/stop')) stops.push(request.url());
    });
    await page.getByLabel('Search conversations').press('Escape');
    await page.getByLabel('Your message').press('Escape');
    await page.getByText('Stopped.').waitFor();
    expect(stops.length).toBe(1);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'is left alone where a person turned it off ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await openList(page);
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await page.getByLabel('Single keys are shortcuts').uncheck();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.reload();
      await page.getByLabel('Your message').waitFor();
      await page.keyboard.press('m');
      await page.keyboard.press('?');
      expect(await focused(page)).toBe('');
      expect(await page.getByRole('dialog').count()).toBe(0);
      await openList(page);
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await page.getByLabel('Single keys are shortcuts').check();
      await page.getByRole('button', { name: 'Done' }).click();
      await closeList(page);
      await page.keyboard.press('m');
      await expect.poll(() => focused(page)).toBe('message');
      expect(seen.problems).toEqual([]);
    },
  );
});
