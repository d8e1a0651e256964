import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { splitTokens } from '../doubles/model-server/reply.js';
import { startUnderTest, type UnderTest } from '../end-to-end/parley-under-test.js';
import { describeInBrowser, LOOKS, openBrowser, visit } from './open-browser.js';

describeInBrowser('a question asked before', () => {
  let browser: Browser;
  let model: ModelServer;
  let under: UnderTest;
  beforeAll(async () => {
    [browser, model] = await Promise.all([openBrowser(), startModelServer()]);
    under = await startUnderTest({ modelServer: model });
  });
  afterAll(async () => {
    await browser?.close();
    await under?.stop();
    await model?.close();
  });

  const ask = async (page: Page, question: string, answer: string) => {
    model.next(answer);
    await page.getByLabel('Your message').fill(question);
    await page.getByLabel('Your message').press('Enter');
    await page.locator('.reply', { hasText: answer }).waitFor();
    await page.getByRole('button', { name: 'Edit and send again' }).first().waitFor();
  };
  const questions = (page: Page) => page.locator('.question > p').allTextContents();

  test.each(LOOKS)(
    'is asked another way, and what came after it goes ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(browser, under.url, look);
      const { page } = seen;
      await ask(page, 'How high is a house?', 'Nine metres.');
      await ask(page, 'And a church?', 'Sixty metres.');
      await page.getByRole('button', { name: 'Edit and send again' }).first().click();
      const field = page.getByLabel('The question, asked another way');
      expect(await field.inputValue()).toBe('How high is a house?');
      expect(await seen.findBarriers()).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      model.next('Thirty metres.');
      await field.fill('How high is a tree?');
      await field.press('Enter');
      await page.locator('.reply', { hasText: 'Thirty metres.' }).waitFor();
      expect(await questions(page)).toEqual(['How high is a tree?']);
      const told = model.requests.at(-1)?.body.messages.map(({ content }) => content) ?? [];
      expect(told.at(-1)).toContain('How high is a tree?');
      expect(told.join('\n')).not.toMatch(/house|church/);
      await page.getByRole('button', { name: 'Edit and send again' }).waitFor();
      await page.reload();
      await page.locator('.reply', { hasText: 'Thirty metres.' }).waitFor();
      expect(await questions(page)).toEqual(['How high is a tree?']);
      expect(seen.problems).toEqual([]);
    },
  );

  test('stays as it is after Escape, and is never sent empty', async () => {
    await using seen = await visit(browser, under.url);
    const { page } = seen;
    await ask(page, 'What is rain?', 'Water.');
    const edit = page.getByRole('button', { name: 'Edit and send again' });
    await edit.click();
    const field = page.getByLabel('The question, asked another way');
    await field.fill('   ');
    await field.press('Enter');
    await page.getByText('The question is empty: write one, or cancel.').waitFor();
    await field.press('Shift+Enter');
    await field.press('Escape');
    await edit.and(page.locator(':focus')).waitFor();
    expect(await questions(page)).toEqual(['What is rain?']);
    expect(await page.locator('.reply', { hasText: 'Water.' }).count()).toBe(1);
    expect(seen.problems).toEqual([]);
  });

  test('keeps what was written where the conversation goes on elsewhere', async () => {
    await using seen = await visit(browser, under.url);
    const { page } = seen;
    await ask(page, 'What is snow?', 'Frozen.');
    const conversation = new URL(page.url()).searchParams.get('conversation');
    model.next({ tokens: splitTokens('Slow words.'), break: { afterTokens: 1, how: { kind: 'hang' } } });
    const before = model.requests.length;
    const elsewhere = under.ask('Meanwhile?', { conversation_id: conversation, user_id: 'me' });
    await model.request(before + 1);
    await page.getByRole('button', { name: 'Edit and send again' }).click();
    const field = page.getByLabel('The question, asked another way');
    await field.fill('What is hail?');
    await field.press('Enter');
    await page.locator('.editor .problem', { hasText: /\w.{20,}\.$/ }).waitFor();
    expect(await field.inputValue()).toBe('What is hail?');
    expect(await page.locator('.reply', { hasText: 'Frozen.' }).count()).toBe(1);
    await page.reload();
    await page.getByRole('button', { name: 'Stop' }).click();
    await elsewhere;
  });
});
