import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { splitTokens } from '../../doubles/model-server/reply.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';
import { expectUsable } from '../usable.js';

/** Of the facts in a narrow place: what shows of the points before those that begin a line, in CSS pixels. */
const POINTS_AT_LINE_STARTS = `(() => {
  const list = document.querySelector('.turn-facts');
  list.style.width = '9rem';
  const cut = /([\\d.]+)px\\)$/.exec(getComputedStyle(list).clipPath)?.[1] ?? 0;
  const edge = list.getBoundingClientRect().left + Number(cut);
  const boxes = [...list.children].map((item) => ({
    top: item.getBoundingClientRect().top,
    left: item.getBoundingClientRect().left,
    point: parseFloat(getComputedStyle(item, '::before').width) || 0,
  }));
  return boxes
    .filter(({ top }, at) => top !== boxes[at - 1]?.top)
    .map(({ left, point }) => left + point - edge);
})()`;

describeInBrowser('the turns of a conversation', () => {
  const at = withScriptedParley();

  async function ask(page: Page, question: string): Promise<void> {
    await page.getByLabel('Your message').fill(question);
    await page.keyboard.press('Enter');
  }

  /** A conversation with two questions more than are shown at once. */
  beforeAll(async () => {
    for (let count = 1; count <= 52; count++)
      await at.under.ask(`Question ${count}`, { conversation_id: 'long', user_id: 'long' });
  });

  test.each(FLOW_LOOKS)(
    'shows earlier ones, and keeps what is read where it is ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${at.under.url}/?conversation=long`, {
        ...look,
        user: 'long',
      });
      const { page } = seen;
      await page.locator('.turn', { hasText: 'Question 52' }).waitFor();
      await expect.poll(() => page.locator('.turn').count()).toBe(50);
      await page.locator('.talk').evaluate((talk) => talk.scrollTo(0, 0));
      const third = page.locator('.turn', { has: page.getByText('Question 3', { exact: true }) });
      const place = () => third.evaluate((turn) => turn.getBoundingClientRect().top);
      const before = await place();
      await page.getByRole('button', { name: 'Show earlier' }).click();
      await page.locator('.turn').nth(51).waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('talk');
      expect(Math.abs((await place()) - before)).toBeLessThan(2);
      await expect
        .poll(() => page.locator('.question p').allTextContents())
        .toEqual(Array.from({ length: 52 }, (_, index) => `Question ${index + 1}`));
      await expect.poll(() => page.getByRole('button', { name: 'Show earlier' }).count()).toBe(0);
      await expectUsable(seen);
      expect(seen.problems).toEqual([]);
    },
    120_000,
  );

  test.each(LOOKS)('keeps a vote and its comment ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, at.under.url, look);
    const { page } = seen;
    const good = page.getByRole('button', { name: 'Good answer' });
    const bad = page.getByRole('button', { name: 'Bad answer' });
    at.model.next('Light is scattered.\n\n'.repeat(30));
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
    const below = await page.locator('.below').boundingBox();
    const save = await page.getByRole('button', { name: 'Save' }).boundingBox();
    expect((save?.y ?? 0) + (save?.height ?? 0)).toBeLessThan((below?.y ?? 0) + 1);
    await expectUsable(seen);
    await page.getByLabel('What was good about it?').fill('Short <b>and</b> right.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The comment is saved.').waitFor();
    await page.reload();
    await page.getByText('Your comment: Short <b>and</b> right.').waitFor();
    await expect.poll(() => good.getAttribute('aria-pressed')).toBe('true');
    await expectUsable(seen);

    await page.getByRole('button', { name: 'Change the comment' }).click();
    await page.getByLabel('What was good about it?').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The comment is taken back.').waitFor();
    await bad.click();
    await page.getByRole('button', { name: 'Bad answer', pressed: true }).waitFor();
    await expect.poll(() => good.getAttribute('aria-pressed')).toBe('false');
    await bad.click();
    await page.getByRole('button', { name: 'Bad answer', pressed: false }).waitFor();
    await page.reload();
    await good.waitFor();
    await expect.poll(() => page.locator('[aria-pressed="true"]').count()).toBe(0);
    await expect.poll(() => page.getByText('Your comment').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says what answered, how much and how fast, now and later ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, at.under.url, look);
      const { page } = seen;
      at.model.next({ tokens: splitTokens('One two three.'), paceMs: 20 });
      await ask(page, 'Count.');
      const facts = page.locator('.turn-facts');
      await facts.waitFor();
      const live = await facts.locator('li').allTextContents();
      expect(live).toEqual([
        'hosted',
        expect.stringMatching(/^\d+ tokens$/),
        expect.stringMatching(/^[\d.]+ tokens\/s$/),
        expect.stringMatching(/^first after [\d.]+ m?s$/),
      ]);
      await page.reload();
      await facts.waitFor();
      await expect.poll(() => facts.locator('li').allTextContents()).toEqual(live);
      await expectUsable(seen);
      const points = (await page.evaluate(POINTS_AT_LINE_STARTS)) as number[];
      expect(points.length).toBeGreaterThan(1);
      expect(Math.max(...points)).toBeLessThanOrEqual(0.5);
      expect(seen.problems).toEqual([]);
    },
  );

  test('keeps a question that is asked before the earlier ones are read', async () => {
    await using seen = await visit(at.browser, at.under.url);
    await at.under.ask('First?', { conversation_id: 'slow', user_id: seen.user });
    const { page } = seen;
    let noteRead = () => {};
    const read = new Promise<void>((resolve) => {
      noteRead = resolve;
    });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/conversations/slow?*', async (route) => {
      const response = await route.fetch();
      noteRead();
      await held;
      await route.fulfill({ response });
    });
    await page.goto(`${at.under.url}/?conversation=slow`);
    await read;
    await ask(page, 'Second?');
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    release();
    await page.locator('.turn').nth(1).waitFor();
    await expect.poll(() => page.locator('.question p').allTextContents()).toEqual(['First?', 'Second?']);
    await expect.poll(() => page.getByText('What would you like to know?').count()).toBe(0);
    expect(seen.problems).toEqual([]);
  });

  test('says what can be done where nothing is left of a conversation', async () => {
    await using seen = await visit(at.browser, `${at.under.url}/?conversation=gone`);
    await seen.page.getByText('What would you like to know?').waitFor();
  });
});
