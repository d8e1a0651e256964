import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { splitTokens } from '../doubles/model-server/reply.js';
import { describeInBrowser, LOOKS, visit } from './open-browser.js';
import { withScriptedParley } from './scripted-parley.js';

describeInBrowser('the turns of a conversation', () => {
  const at = withScriptedParley();

  async function ask(page: Page, question: string): Promise<void> {
    await page.getByLabel('Your message').fill(question);
    await page.keyboard.press('Enter');
  }

  test('shows earlier ones, and keeps what is read where it is', async () => {
    for (let count = 1; count <= 52; count++)
      await at.under.ask(`Question ${count}`, { conversation_id: 'long', user_id: 'me' });
    await using seen = await visit(at.browser, `${at.under.url}/?conversation=long`);
    const { page } = seen;
    await page.locator('.turn', { hasText: 'Question 52' }).waitFor();
    expect(await page.locator('.turn').count()).toBe(50);
    await page.locator('.talk').evaluate((talk) => talk.scrollTo(0, 0));
    const third = page.locator('.turn', { has: page.getByText('Question 3', { exact: true }) });
    const place = () => third.evaluate((turn) => turn.getBoundingClientRect().top);
    const before = await place();
    await page.getByRole('button', { name: 'Show earlier' }).click();
    await page.locator('.turn').nth(51).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('talk');
    expect(Math.abs((await place()) - before)).toBeLessThan(2);
    expect(await page.locator('.question p').allTextContents()).toEqual(
      Array.from({ length: 52 }, (_, index) => `Question ${index + 1}`),
    );
    expect(await page.getByRole('button', { name: 'Show earlier' }).count()).toBe(0);
    expect(seen.problems).toEqual([]);
  }, 120_000);

  test.each(LOOKS)('keeps a vote and its comment ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    const good = page.getByRole('button', { name: 'Good answer' });
    const bad = page.getByRole('button', { name: 'Bad answer' });
    await ask(page, 'Why is the sky blue?');
    await good.waitFor();
    expect(await page.getByRole('button', { name: 'Comment' }).count()).toBe(0);
    await good.click();
    await page.getByRole('button', { name: 'Comment' }).click();
    await page.getByLabel('What was good about it?').fill('x'.repeat(2_001));
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByText('A comment holds at most 2,000 characters, and this one has 2,001: shorten it.')
      .waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await page.getByLabel('What was good about it?').fill('Short <b>and</b> right.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The comment is saved.').waitFor();
    await page.reload();
    await page.getByText('Your comment: Short <b>and</b> right.').waitFor();
    expect(await good.getAttribute('aria-pressed')).toBe('true');
    expect(await seen.findBarriers()).toEqual([]);

    await page.getByRole('button', { name: 'Change the comment' }).click();
    await page.getByLabel('What was good about it?').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The comment is taken back.').waitFor();
    await bad.click();
    await page.getByRole('button', { name: 'Bad answer', pressed: true }).waitFor();
    expect(await good.getAttribute('aria-pressed')).toBe('false');
    await bad.click();
    await page.getByRole('button', { name: 'Bad answer', pressed: false }).waitFor();
    await page.reload();
    await good.waitFor();
    expect(await page.locator('[aria-pressed="true"]').count()).toBe(0);
    expect(await page.getByText('Your comment').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test('says what answered, how much and how fast, now and later', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    at.model.next({ tokens: splitTokens('One two three.'), paceMs: 20 });
    await ask(page, 'Count.');
    const facts = page.locator('.facts');
    await facts.waitFor();
    const live = await facts.locator('li').allTextContents();
    expect(live).toEqual([
      'hosted',
      expect.stringMatching(/^\d+ tokens$/),
      expect.stringMatching(/^[\d.]+ tokens\/s$/),
      expect.stringMatching(/^first after \d+ ms$/),
    ]);
    await page.reload();
    await facts.waitFor();
    expect(await facts.locator('li').allTextContents()).toEqual(live);
    expect(seen.problems).toEqual([]);
  });

  test('sends a question again that was not heard of, and has it answered once', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    const asked = at.model.requests.length;
    await page.route('**/api/question', async (route) => {
      await route.fetch();
      await route.abort();
    });
    at.model.next('Once.');
    await ask(page, 'How often do you answer?');
    await page.getByText('Parley cannot be reached').waitFor();
    expect(at.model.requests.length).toBe(asked + 1);
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.reply', { hasText: 'Once.' }).waitFor();
    await page.reload();
    await page.locator('.reply', { hasText: 'Once.' }).waitFor();
    expect(await page.locator('.turn').count()).toBe(1);
    expect(at.model.requests.length).toBe(asked + 1);
  });

  test('gives a question back that never arrived', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.route('**/api/question', (route) => route.abort());
    await ask(page, 'Hello?');
    await page.getByRole('button', { name: 'Edit the question' }).click();
    expect(await page.getByLabel('Your message').inputValue()).toBe('Hello?');
    expect(await page.locator('.turn').count()).toBe(0);
    await page.unrouteAll();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    expect(await page.locator('.turn').count()).toBe(1);
  });

  test('listens again after a connection broke off', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.route('**/api/question', async (route) => {
      const response = await route.fetch();
      const [accepted] = (await response.text()).split('\n\n');
      await route.fulfill({ response, body: `${accepted}\n\nevent: delta\ndata: {"text":"On"}\n\n` });
    });
    at.model.next('One two.');
    await ask(page, 'Count.');
    await page.getByText('The connection broke off before the reply was complete.').waitFor();
    expect(await page.getByRole('button', { name: 'Edit the question' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('One two.');
    expect(seen.problems).toEqual([]);
  });

  test('keeps an answer that could not be written again', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    at.model.next('The first.');
    await ask(page, 'Hello?');
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    await page.route('**/regenerate', (route) => route.abort());
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.getByText('Parley cannot be reached').waitFor();
    expect((await page.locator('.reply .markdown').textContent())?.trim()).toBe('The first.');
  });

  test('keeps a question that is asked before the earlier ones are read', async () => {
    await at.under.ask('First?', { conversation_id: 'slow', user_id: 'me' });
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/conversations/slow?*', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${at.under.url}/?conversation=slow`);
    await ask(page, 'Second?');
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    release();
    await page.locator('.turn').nth(1).waitFor();
    expect(await page.locator('.question p').allTextContents()).toEqual(['First?', 'Second?']);
    expect(await page.getByText('What would you like to know?').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test('says what can be done where nothing is left of a conversation', async () => {
    await using seen = await visit(at.browser, `${at.under.url}/?conversation=gone`);
    await seen.page.getByText('What would you like to know?').waitFor();
  });

  test('copies an answer', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    at.model.next('**Bold** words.');
    await ask(page, 'Hello?');
    await page.getByRole('button', { name: 'Copy the answer' }).click();
    await page.getByText('The answer is copied.').waitFor();
    await page.getByLabel('Your message').focus();
    await page.keyboard.press('ControlOrMeta+v');
    expect(await page.getByLabel('Your message').inputValue()).toBe('**Bold** words.');
  });
});

describeInBrowser('a page that came without https', () => {
  const at = withScriptedParley({ env: { PARLEY_API_KEY: 'a-key-of-twenty-characters' } });

  test('asks, and copies code and answers', async () => {
    await using seen = await visit(at.browser, at.under.url.replace('127.0.0.1', 'parley.test'));
    const { page } = seen;
    await page.getByLabel('API key').fill('a-key-of-twenty-characters');
    await page.keyboard.press('Enter');
    const message = page.getByLabel('Your message');
    await message.waitFor();
    expect(await page.evaluate('isSecureContext')).toBe(false);
    at.model.next('```js\nlet a = 1;\n```');
    await message.fill('A line of code?');
    await page.keyboard.press('Enter');
    const copy = page.getByRole('button', { name: 'Copy the code' });
    await copy.click();
    await page.getByText('Copied', { exact: true }).waitFor();
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Copy the code');
    await message.focus();
    await page.keyboard.press('ControlOrMeta+v');
    expect(await message.inputValue()).toBe('let a = 1;');
    await message.fill('');
    await page.getByRole('button', { name: 'Copy the answer' }).click();
    await page.getByText('The answer is copied.').waitFor();
    await message.focus();
    await page.keyboard.press('ControlOrMeta+v');
    expect(await message.inputValue()).toBe('```js\nlet a = 1;\n```');
  });
});
