import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';

describeInBrowser('the settings', () => {
  const at = withScriptedParley();

  const openSettings = async (page: Page) => {
    const opener = page.getByRole('button', { name: 'Settings', exact: true });
    if ((await opener.getAttribute('aria-expanded')) === 'false') await opener.click();
    await page.getByLabel('Temperature', { exact: true }).waitFor();
  };
  /** On a phone they lie over the chat. */
  const closeDrawer = async (page: Page) => {
    const drawer = page.getByRole('dialog', { name: 'Settings' });
    if ((await drawer.count()) === 0) return;
    await page.getByRole('button', { name: 'Close the settings' }).click();
    await drawer.waitFor({ state: 'detached' });
  };
  const saved = (page: Page) => page.getByRole('status').getByText('Saved.').waitFor();
  const ask = async (page: Page, question: string) => {
    await closeDrawer(page);
    const answers = await page.getByRole('button', { name: 'Good answer' }).count();
    await page.getByLabel('Your message').fill(question);
    await page.getByLabel('Your message').press('Enter');
    await page.getByRole('button', { name: 'Good answer' }).nth(answers).waitFor();
  };

  test.each(LOOKS)('set what the next answer is made with ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await openSettings(page);
    await page.getByLabel('Temperature, as a number').fill('0.2');
    await page.getByLabel('Top-k', { exact: true }).press('End');
    await page.getByLabel('Top-p, as a number').fill('0.8');
    await page.getByLabel('Min-p', { exact: true }).press('End');
    await page.getByLabel('Repetition penalty, as a number').fill('1.3');
    await page.getByLabel('Longest answer, as a number').fill('300');
    await page.getByLabel('Persona').selectOption('medical');
    await page.getByLabel('Language').selectOption('zh');
    await page.getByLabel('System prompt').fill('You are a lighthouse keeper.');
    await saved(page);
    await expectUsable(seen);
    await page.getByRole('button', { name: 'Close the settings' }).click();
    await page.getByRole('button', { name: 'Settings', exact: true }).and(page.locator(':focus')).waitFor();
    await ask(page, 'Who are you?');
    const asked = at.model.requests.at(-1)?.body;
    expect(asked).toMatchObject({ temperature: 0.2, top_k: 1000, top_p: 0.8, min_p: 1, max_tokens: 300 });
    expect(asked?.repetition_penalty ?? asked?.repeat_penalty).toBe(1.3);
    expect(asked?.messages[0]?.content).toContain('You are a lighthouse keeper.');
    await page.reload();
    await openSettings(page);
    await expect.poll(() => page.getByLabel('Temperature, as a number').inputValue()).toBe('0.2');
    await expect
      .poll(() => page.getByLabel('System prompt').inputValue())
      .toBe('You are a lighthouse keeper.');
    await expect.poll(() => page.getByLabel('Persona').inputValue()).toBe('medical');
    await expect.poll(() => page.getByLabel('Language').inputValue()).toBe('zh');
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'hold for a question that is sent at once, and are taken back one by one or together ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await openSettings(page);
      const temperature = page.getByLabel('Temperature', { exact: true });
      await temperature.press('Home');
      await page.getByLabel('Longest answer, as a number').fill('77');
      await ask(page, 'Briefly?');
      expect(at.model.requests.at(-1)?.body).toMatchObject({ temperature: 0, max_tokens: 77 });
      await openSettings(page);
      await page.getByText('Default 0.7', { exact: true }).waitFor();
      await expectUsable(seen);
      await page.getByRole('button', { name: 'Reset temperature to its default' }).click();
      await temperature.and(page.locator(':focus')).waitFor();
      await expect.poll(() => page.getByRole('button', { name: 'Reset temperature' }).count()).toBe(0);
      await expect.poll(() => page.getByLabel('Temperature, as a number').inputValue()).toBe('0.7');
      await ask(page, 'And now?');
      expect(at.model.requests.at(-1)?.body).toMatchObject({ temperature: 0.7, max_tokens: 77 });
      await openSettings(page);
      await page.getByRole('button', { name: 'Reset all' }).click();
      await ask(page, 'And at last?');
      expect(at.model.requests.at(-1)?.body).toMatchObject({ temperature: 0.7, max_tokens: 1024 });
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'say what is wrong with a number, and save none of it ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await openSettings(page);
      const share = page.getByLabel('Top-p, as a number');
      await share.fill('2');
      await share.press('Enter');
      await page.getByText('Top-p must be a number from 0 to 1.').waitFor();
      await expect.poll(() => share.getAttribute('aria-invalid')).toBe('true');
      const length = page.getByLabel('Longest answer, as a number');
      await length.fill('1.5');
      await length.press('Tab');
      await page.getByText('Longest answer must be a whole number from 1 to 32,768.').waitFor();
      await expectUsable(seen);
      await share.fill('0.5');
      await page.getByText('Top-p must be').waitFor({ state: 'detached' });
      await ask(page, 'Well?');
      expect(at.model.requests.at(-1)?.body).toMatchObject({ top_p: 0.5, max_tokens: 1024 });
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'say that a system prompt is too long, and save none of it ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await openSettings(page);
      const prompt = page.getByLabel('System prompt');
      await prompt.fill('You are brief.');
      await saved(page);
      await prompt.fill('x'.repeat(8_001));
      await page.getByText('The system prompt is 1 character too long').waitFor();
      await page.getByText('8,001 of 8,000 characters').waitFor();
      await expect.poll(() => prompt.getAttribute('aria-invalid')).toBe('true');
      await expectUsable(seen);
      await ask(page, 'Well?');
      expect(at.model.requests.at(-1)?.body.messages[0]?.content).toContain('You are brief.');
      await openSettings(page);
      await prompt.fill('x'.repeat(1_000));
      await page.getByText('too long').waitFor({ state: 'detached' });
      await ask(page, 'And now?');
      expect(at.model.requests.at(-1)?.body.messages[0]?.content).toContain('x'.repeat(1_000));
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'are kept where they cannot be saved, and saved once they can ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await openSettings(page);
      await page.route('**/settings', (route) => route.abort());
      await page.getByLabel('Temperature, as a number').fill('1.5');
      await page.getByText('Parley cannot be reached: check that it is running, then try again.').waitFor();
      await expectUsable(seen);
      await page.unroute('**/settings');
      await page.locator('.settings').getByRole('button', { name: 'Try again' }).click();
      await saved(page);
      await ask(page, 'Hm?');
      expect(at.model.requests.at(-1)?.body.temperature).toBe(1.5);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('belong to one conversation ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    await openSettings(page);
    await page.getByLabel('Temperature, as a number').fill('1.1');
    await ask(page, 'First?');
    await page.getByRole('button', { name: 'New conversation' }).first().click();
    await page.getByRole('button', { name: 'Good answer' }).waitFor({ state: 'detached' });
    await openSettings(page);
    await expect.poll(() => page.getByLabel('Temperature, as a number').inputValue()).toBe('0.7');
    await ask(page, 'Second?');
    expect(at.model.requests.at(-1)?.body.temperature).toBe(0.7);
    await page.goBack();
    await page.getByText('First?').last().waitFor();
    await openSettings(page);
    await expect.poll(() => page.getByLabel('Temperature, as a number').inputValue()).toBe('1.1');
    expect(seen.problems).toEqual([]);
  });
});
