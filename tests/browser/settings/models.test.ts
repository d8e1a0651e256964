import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';

describeInBrowser('the model menu', () => {
  const at = withScriptedParley();

  const button = (page: Page) => page.getByRole('button', { name: /^Model/ });
  const option = (page: Page, alias: string) => page.getByRole('option', { name: new RegExp(`^${alias}`) });
  const ask = async (page: Page, question: string) => {
    const answers = await page.getByRole('button', { name: 'Good answer' }).count();
    await page.getByLabel('Your message').fill(question);
    await page.getByLabel('Your message').press('Enter');
    await page.getByRole('button', { name: 'Good answer' }).nth(answers).waitFor();
  };

  test.each(LOOKS)('says what each is, and has one chosen ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await page.getByRole('button', { name: 'Model: hosted' }).click();
    await option(page, 'scholar').waitFor();
    await expect
      .poll(() => option(page, 'scholar').textContent())
      .toMatch(/Knows more, takes longer.*Hosted elsewhere.*32,768 tokens of context.*Ready/);
    await expect.poll(() => option(page, 'hosted').getAttribute('aria-selected')).toBe('true');
    await expectUsable(seen);
    await option(page, 'scholar').click();
    await page.getByRole('button', { name: 'Model: scholar' }).and(page.locator(':focus')).waitFor();
    await ask(page, 'Who is it?');
    expect(at.model.requests.at(-1)?.body.model).toBe('scholar-70b');
    await page.reload();
    await page.getByRole('button', { name: 'Model: scholar' }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'is worked with the keyboard, and remembers the choice for new conversations ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await button(page).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('listbox').waitFor();
      await page.keyboard.press('End');
      await expectUsable(seen);
      await page.keyboard.press('Escape');
      await page.getByRole('listbox').waitFor({ state: 'detached' });
      await button(page).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('listbox').waitFor();
      await page.keyboard.press('Home');
      for (let step = 0; step < 9; step++) {
        const active = await page.getByRole('listbox').getAttribute('aria-activedescendant');
        if ((await page.locator(`[id="${active}"]`).textContent())?.startsWith('scholar')) break;
        await page.keyboard.press('ArrowDown');
      }
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Model: scholar' }).waitFor();
      await ask(page, 'One?');
      await page.getByRole('button', { name: 'New conversation' }).first().click();
      await page.getByRole('button', { name: 'Good answer' }).waitFor({ state: 'detached' });
      await ask(page, 'Two?');
      expect(at.model.requests.slice(-2).map(({ body }) => body.model)).toEqual([
        'scholar-70b',
        'scholar-70b',
      ]);
      await page.reload();
      await page.getByRole('button', { name: 'Model: scholar' }).waitFor();
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'says that a chosen model is gone, and what to do ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await page.evaluate("localStorage.setItem('parley.model', 'sage')");
      await page.reload();
      await page.getByRole('button', { name: 'Model: sage, which is no longer there' }).click();
      await page.getByText('sage is no longer there: choose another model.').waitFor();
      await expectUsable(seen);
      await page.keyboard.press('Escape');
      await page.getByLabel('Your message').fill('Are you there?');
      await page.getByLabel('Your message').press('Enter');
      await page.locator('.turn .problem').filter({ hasText: 'model must be one of' }).waitFor();
      await page.getByRole('button', { name: 'Model: hosted' }).waitFor();
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'follows a model that is on its way, and says why one cannot be chosen ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      let now: object = { state: 'loading', progress: 0.25 };
      await page.route('**/api/models', async (route) => {
        const body = await (await route.fetch()).json();
        const scholar = { runs: 'local', size_bytes: 4.7e9, ...now };
        for (const listed of body.models)
          Object.assign(listed, listed.alias === 'scholar' ? scholar : { state: 'unavailable' });
        await route.fulfill({ json: body });
      });
      await button(page).click();
      await option(page, 'scholar').getByText('Loading, 25 %').waitFor();
      now = { state: 'loading', progress: 0.75 };
      await option(page, 'scholar').getByText('Loading, 75 %').waitFor();
      await expect.poll(() => option(page, 'scholar').locator('progress').getAttribute('value')).toBe('0.75');
      now = { state: 'ready', progress: null, loaded: true };
      await option(page, 'scholar').getByText('Ready: it is loaded.').waitFor();
      await option(page, 'scholar').getByText('Runs here').waitFor();
      await option(page, 'scholar').getByText('4.7 GB').waitFor();
      await option(page, 'hosted').getByText('Runs on no machine now: choose another one').waitFor();
      await option(page, 'hosted').click({ force: true });
      expect(await page.getByRole('listbox').count()).toBe(1);
      await expectUsable(seen);
      expect(seen.problems).toEqual([]);
    },
  );
});
