import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { ask, chooseModel, TIDES, toldTurns, withRealEngine } from './real-engine-parley.js';

describeInBrowser('a conversation with the engine itself', () => {
  const at = withRealEngine();

  const answered = (page: Page, turns: number) =>
    page
      .getByRole('button', { name: 'Good answer' })
      .nth(turns - 1)
      .waitFor();

  test.each(FLOW_LOOKS)(
    'is asked another way, and the model is told nothing of what came after ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await ask(page, 'Why are there tides?');
      await answered(page, 1);
      await ask(page, 'And how high are they?');
      await answered(page, 2);
      const [first, second] = await toldTurns(page);
      await page.getByRole('button', { name: 'Edit and send again' }).first().click();
      const field = page.getByLabel('The question, asked another way');
      await field.fill('Why are there waves?');
      expect(await seen.findBarriers()).toEqual([]);
      await field.press('Enter');
      await page.locator('.question > p', { hasText: 'Why are there waves?' }).waitFor();
      await answered(page, 1);
      await page.reload();
      await answered(page, 1);
      await expect
        .poll(() => page.locator('.question > p').allTextContents())
        .toEqual(['Why are there waves?']);
      await expect.poll(() => page.locator('.reply em').allTextContents()).toEqual(['Moon']);
      const told = await toldTurns(page);
      expect(told.map(({ answer }) => answer)).toEqual([TIDES]);
      const prompts = [first, second, told[0]].map((turn) => turn?.usage.prompt_tokens ?? 0);
      expect(prompts[1]).toBeGreaterThan((prompts[0] ?? 0) + 20);
      expect(prompts[2]).toBeLessThan((prompts[0] ?? 0) + 20);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'is listed, downloaded with the words of the model, renamed and deleted ($colorScheme, $width px)',
    async (look) => {
      const user = `${look.colorScheme}-${look.width}`;
      await using seen = await visit(at.browser, at.under.url, { ...look, user });
      const { page } = seen;
      await ask(page, 'Why are there tides?');
      await answered(page, 1);
      if (look.width < 400) await page.getByRole('button', { name: 'Conversations' }).click();
      const row = (name: string) => page.getByRole('link', { name, exact: true });
      const choose = async (title: string, role: 'button' | 'link', action: string) => {
        await page.getByRole('button', { name: `Options for ${title}` }).click();
        await page.getByRole(role, { name: action, exact: true }).click();
      };
      await row('Why are there tides?').waitFor();
      const download = async (format: string) => {
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          choose('Why are there tides?', 'link', `Download as ${format}`),
        ]);
        return readFile(await file.path(), 'utf8');
      };
      expect(await download('Markdown')).toContain(TIDES);
      expect(JSON.parse(await download('JSON'))).toMatchObject({
        turns: [{ question: 'Why are there tides?', answer: TIDES, model: 'tides', finish_reason: 'stop' }],
      });

      await choose('Why are there tides?', 'button', 'Rename');
      await page.getByRole('textbox', { name: 'Title' }).fill('Sea');
      await page.keyboard.press('Enter');
      await row('Sea').waitFor();
      expect(await seen.findBarriers()).toEqual([]);
      await choose('Sea', 'button', 'Delete…');
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByText('What would you like to know?').waitFor();
      await row('Sea').waitFor({ state: 'detached' });
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'is answered as its settings say: no longer, and with another prompt ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      const set = async (change: () => Promise<unknown>) => {
        await page.getByRole('button', { name: 'Settings', exact: true }).click();
        await change();
        await page.getByRole('status').getByText('Saved.').waitFor();
        expect(await seen.findBarriers()).toEqual([]);
        await page.getByRole('button', { name: 'Close the settings' }).click();
      };
      await chooseModel(page, 'waves');
      await set(async () => {
        await page.getByLabel('Temperature, as a number').fill('1.9');
        await page.getByLabel('Top-k, as a number').fill('0');
        await page.getByLabel('Repetition penalty, as a number').fill('1.5');
        await page.getByLabel('Longest answer, as a number').fill('12');
        await page.getByLabel('Persona').selectOption('medical');
      });
      await ask(page, 'What do waves do?');
      await page.getByText('The reply reached the longest length set for it.').waitFor();
      await page.locator('.turn-facts li', { hasText: /^12 tokens$/ }).waitFor();
      await expect
        .poll(() => page.locator('.reply .markdown').textContent())
        .toMatch(/^(Waves come and go\.\s*){3}$/);

      await set(() => page.getByLabel('System prompt').fill('You are the sea. '.repeat(200)));
      await ask(page, 'And then?');
      await answered(page, 2);
      const [first, second] = await toldTurns(page);
      expect([first?.persona, first?.usage.reply_tokens]).toEqual(['medical', 12]);
      expect(second?.usage.prompt_tokens).toBeGreaterThan((first?.usage.prompt_tokens ?? 0) + 500);
      expect(seen.problems).toEqual([]);
    },
  );
});
