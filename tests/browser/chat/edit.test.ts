import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable, otherProblems } from '../usable.js';

describeInBrowser('a question asked before', () => {
  const at = withScriptedParley();

  const ask = async (page: Page, question: string, answer: string) => {
    at.model.next(answer);
    await page.getByLabel('Your message').fill(question);
    await page.getByLabel('Your message').press('Enter');
    await page.locator('.reply', { hasText: answer }).waitFor();
    await page.getByRole('button', { name: 'Edit and send again' }).first().waitFor();
  };
  const questions = (page: Page) => page.locator('.question > p').allTextContents();

  test.each(FLOW_LOOKS)(
    'is asked another way, and what came after it goes ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await ask(page, 'How high is a house?', 'Nine metres.');
      await ask(page, 'And a church?', 'Sixty metres.');
      await page.getByRole('button', { name: 'Edit and send again' }).first().click();
      const field = page.getByLabel('The question, asked another way');
      await expect.poll(() => field.inputValue()).toBe('How high is a house?');
      await expectUsable(seen);
      at.model.next('Thirty metres.');
      await field.fill('How high is a tree?');
      await field.press('Enter');
      await page.locator('.reply', { hasText: 'Thirty metres.' }).waitFor();
      await expect.poll(() => questions(page)).toEqual(['How high is a tree?']);
      const told = at.model.requests.at(-1)?.body.messages.map(({ content }) => content) ?? [];
      expect(told.at(-1)).toContain('How high is a tree?');
      expect(told.join('\n')).not.toMatch(/house|church/);
      await page.getByRole('button', { name: 'Edit and send again' }).waitFor();
      await page.reload();
      await page.locator('.reply', { hasText: 'Thirty metres.' }).waitFor();
      await expect.poll(() => questions(page)).toEqual(['How high is a tree?']);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'stays as it is after Escape, and is never sent empty ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await ask(page, 'What is rain?', 'Water.');
      const edit = page.getByRole('button', { name: 'Edit and send again' });
      await edit.click();
      const field = page.getByLabel('The question, asked another way');
      await field.fill('   ');
      await field.press('Enter');
      await page.getByText('The question is empty: write one, or cancel.').waitFor();
      await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
      await expectUsable(seen);
      await field.fill('words'.repeat(2_000));
      await field.press('Enter');
      await page.getByText('I can read up to 8000. Please shorten it.').waitFor();
      await field.press('Shift+Enter');
      await field.press('Escape');
      await edit.and(page.locator(':focus')).waitFor();
      await edit.click();
      await expect.poll(() => field.inputValue()).toBe('What is rain?');
      await field.fill('What is hail?');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await edit.and(page.locator(':focus')).waitFor();
      await expect.poll(() => questions(page)).toEqual(['What is rain?']);
      await expect.poll(() => page.locator('.reply', { hasText: 'Water.' }).count()).toBe(1);
      expect(otherProblems(seen)).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'keeps what was written where the conversation goes on elsewhere ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await ask(page, 'What is snow?', 'Frozen.');
      const conversation = new URL(page.url()).searchParams.get('conversation');
      at.model.next({ tokens: splitTokens('Slow words.'), break: { afterTokens: 1, how: { kind: 'hang' } } });
      const before = at.model.requests.length;
      const elsewhere = at.under.ask('Meanwhile?', { conversation_id: conversation, user_id: seen.user });
      await at.model.request(before + 1);
      await page.getByRole('button', { name: 'Edit and send again' }).click();
      const field = page.getByLabel('The question, asked another way');
      await field.fill('What is hail?');
      await field.press('Enter');
      await page.locator('.editor .problem', { hasText: /\w.{20,}\.$/ }).waitFor();
      await expectUsable(seen);
      expect(await field.inputValue()).toBe('What is hail?');
      expect(await page.locator('.reply', { hasText: 'Frozen.' }).count()).toBe(1);
      await page.reload();
      await page.getByRole('button', { name: 'Stop' }).click();
      await elsewhere;
      expect(otherProblems(seen)).toEqual([]);
    },
  );
});
