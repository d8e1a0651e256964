import { expect, test } from 'vitest';
import { describeInBrowser, FLOW_LOOKS, visit } from '../open-browser.js';
import { ask, chooseModel, toldTurns, withRealEngine } from './real-engine-parley.js';

describeInBrowser('the chat, answered by the engine itself', () => {
  const at = withRealEngine();

  test.each(FLOW_LOOKS)(
    'shows the reply as it is meant, again when asked, and keeps what was thought of it ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await ask(page, 'Why are there tides?');
      const good = page.getByRole('button', { name: 'Good answer' });
      await good.waitFor();
      await expect
        .poll(() => page.locator('.turn-facts li').allTextContents())
        .toEqual([
          'tides',
          expect.stringMatching(/^[1-9]\d* tokens$/),
          expect.stringMatching(/^[\d.]+ tokens\/s$/),
          expect.stringMatching(/^first after [\d.]+ m?s$/),
        ]);
      const finishedAt = async () => Date.parse((await toldTurns(page))[0]?.finished_at ?? '');
      const before = await finishedAt();
      await page.getByRole('button', { name: 'Answer again' }).click();
      await expect.poll(finishedAt).toBeGreaterThan(before);
      await good.click();
      await page.getByRole('button', { name: 'Comment' }).click();
      await page.getByLabel('What was good about it?').fill('As in my book.');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('The comment is saved.').waitFor();
      const facts = await page.locator('.turn-facts li').allTextContents();

      await page.reload();
      await page.getByText('Your comment: As in my book.').waitFor();
      await page.getByRole('button', { name: 'Good answer', pressed: true }).waitFor();
      await page.locator('.reply math').waitFor();
      await page.locator('.reply :is(h2, h3):not(.unseen)', { hasText: 'Tides' }).waitFor();
      await expect.poll(() => page.locator('.reply li').allTextContents()).toEqual(['high', 'low']);
      await expect.poll(() => page.locator('.reply em').textContent()).toBe('Moon');
      await expect.poll(() => page.locator('.turn-facts li').allTextContents()).toEqual(facts);
      await expect.poll(() => page.locator('.turn').count()).toBe(1);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await seen.findBarriers()).toEqual([]);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'goes on with a reply after a reload, and stops it in the middle ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      await chooseModel(page, 'waves');
      await ask(page, 'What do waves do?');
      const reply = page.locator('.reply', { hasText: 'Waves come and go' });
      await reply.waitFor();
      await page.reload();
      await reply.waitFor();
      const length = async () => (await reply.locator('.markdown').textContent())?.length ?? 0;
      const before = await length();
      await expect.poll(length).toBeGreaterThan(before);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Stopped.').waitFor();
      await expect
        .poll(() => page.locator('.turn-facts li').allTextContents())
        .toEqual(['waves', expect.stringMatching(/^[1-9][\d,]* tokens$/)]);
      expect(await page.getByRole('button', { name: 'Good answer' }).count()).toBe(0);
      expect(await seen.findBarriers()).toEqual([]);

      const stopped = await reply.textContent();
      await page.reload();
      await page.getByText('Stopped.').waitFor();
      expect(await reply.textContent()).toBe(stopped);
      expect(seen.problems).toEqual([]);
    },
  );
});
