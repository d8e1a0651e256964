import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/process/system-clock.js';
import type { Database } from '../../../src/storage/database/database.js';
import { PrismaNumbersStore } from '../../../src/storage/numbers/numbers-store.js';
import { openTestDatabase } from '../../fixtures/open-test-database.js';
import { type Said, storeTurns } from '../../fixtures/store-turns.js';
import { openWeb } from '../../unit/adapters/web/open-web.js';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withBrowser } from '../with-browser.js';

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Forty days of three platforms; some of them silent, and one long ago. */
function said(): Said[] {
  const turns: Said[] = [{ day: daysAgo(200), platform: 'slack', model: 'large', author: 'old' }];
  for (let ago = 40; ago >= 0; ago -= 1) {
    const day = daysAgo(ago);
    if (ago === 12) continue;
    for (let nth = 0; nth < 2 + ((ago * 7) % 4); nth += 1) {
      turns.push({
        day,
        platform: (['discord', 'slack', 'web'] as const)[(ago + nth) % 3] ?? 'web',
        model: nth % 2 === 0 ? 'small' : 'large',
        persona: nth % 3 === 0 ? 'medical' : null,
        author: `author-${(ago + nth) % 5}`,
        conversation: `talk-${nth}`,
        firstTokenMs: 120 + 10 * ((ago * 13) % 17) + 200 * nth,
        firstTextMs: 400 + 30 * ((ago * 11) % 19) + 200 * nth,
        tokensPerSecond: 40 + ((ago * 5) % 30),
        vote: [1, 0, 1, -1][(ago + nth) % 4] ?? 0,
        ...((ago + nth) % 9 === 0 && { failure: 'provider-unavailable' }),
      });
    }
  }
  return turns;
}

describeInBrowser('the numbers', () => {
  const at = withBrowser();
  let database: Database;
  let numbers: PrismaNumbersStore;
  let web: Awaited<ReturnType<typeof openWeb>>;
  const byModel = new Map([['small', { prompt: 100, reply: 400 }]]);
  const prices = { currency: 'EUR', byModel };
  beforeAll(async () => {
    database = await openTestDatabase();
    numbers = new PrismaNumbersStore(database.prisma);
    await storeTurns(database.pool, said());
    for (let due = await numbers.due(); due.length > 0; due = await numbers.due()) {
      for (const day of due) await numbers.rollUp(day);
    }
    web = await openWeb({ numbers, prices, clock: systemClock });
  });
  afterAll(async () => {
    await web?.close();
    await database?.stop();
  });

  const tile = (page: Page, name: string) =>
    page
      .locator('.tiles > div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd');
  const figure = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
  const turnsSaid = (page: Page) => page.getByRole('status').filter({ hasText: / turns from / });
  /** How many of a plot's pixels are drawn on. */
  const drawn = async (page: Page, figure: string): Promise<number> => {
    const canvas = `document.querySelector('[aria-labelledby="figure-${figure}"] canvas')`;
    const pixels = `((drawing) => drawing.getContext('2d').getImageData(0, 0, drawing.width, drawing.height).data)`;
    return Number(await page.evaluate(`${pixels}(${canvas}).filter((v, i) => i % 4 === 3 && v > 0).length`));
  };

  test.each(LOOKS)(
    'are plotted, with nothing in the way of anybody ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${web.url}/numbers`, look);
      const { page } = seen;
      await turnsSaid(page).waitFor();
      await expect.poll(() => page.locator('canvas').count()).toBe(9);
      for (const name of ['turns', 'users', 'speed', 'cache']) {
        expect(await drawn(page, name), name).toBeGreaterThan(1000);
      }
      await page.getByText('As a table').first().click();
      await expectClear(seen);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'follow the range and the filters, which the address keeps ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${web.url}/numbers`, look);
      const { page } = seen;
      await turnsSaid(page).waitFor();
      const before = Number(await tile(page, 'Turns').textContent());
      await page.getByRole('link', { name: '365 days' }).click();
      await expect.poll(async () => Number(await tile(page, 'Turns').textContent())).toBeGreaterThan(before);

      await page.getByRole('combobox', { name: 'Platform' }).selectOption('slack');
      await page.getByRole('combobox', { name: 'Model' }).selectOption('large');
      expect(new URL(page.url()).search).toBe('?platform=slack&model=large&days=365');
      const legend = figure(page, 'Turns a day').getByRole('button');
      await expect.poll(() => legend.allTextContents()).toEqual(['slack']);
      const offered = page.getByRole('combobox', { name: 'Platform' }).getByRole('option');
      await expect
        .poll(() => offered.allTextContents())
        .toEqual(['All platforms', 'discord', 'slack', 'web']);
      const query = { from: daysAgo(364), to: daysAgo(0), platform: 'slack', model: 'large', names: false };
      const turns = String((await numbers.read(query)).days.reduce((sum, day) => sum + day.turns, 0));
      await expect.poll(() => tile(page, 'Turns').textContent()).toBe(turns);
      await page.reload();
      await expect.poll(() => tile(page, 'Turns').textContent()).toBe(turns);
      await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('large');

      await page.getByRole('combobox', { name: 'Model' }).selectOption('');
      await page.goBack();
      await expect.poll(() => page.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('large');
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'stand in tables too, hide a line at a press, and name what is under the pointer ($colorScheme, $width px)',
    async (look) => {
      const [from, to] = [daysAgo(4), daysAgo(1)];
      await using seen = await visit(at.browser, `${web.url}/numbers?from=${from}&to=${to}`, look);
      const { page } = seen;
      const turns = figure(page, 'Turns a day');
      await turns.getByText('As a table').click();
      const { platforms } = await numbers.read({ from, to, platform: null, model: null, names: false });
      const slack = [4, 3, 2, 1].map((ago) => {
        const row = platforms.find(({ day, platform }) => platform === 'slack' && day === daysAgo(ago));
        return String(row?.turns ?? 0);
      });
      const column = (await turns.getByRole('columnheader').allTextContents()).indexOf('slack');
      await expect
        .poll(() => turns.locator(`tbody tr > :nth-child(${column + 1})`).allTextContents())
        .toEqual(slack);

      const whole = await drawn(page, 'turns');
      await turns.getByRole('button', { name: 'slack' }).press('Enter');
      await turns.getByRole('button', { name: 'slack', pressed: false }).waitFor();
      await expect.poll(() => drawn(page, 'turns')).toBeLessThan(whole);
      await turns.locator('.u-over').hover({ position: { x: 2, y: 20 } });
      await turns.getByRole('button', { name: `slack ${slack[0]}` }).waitFor();
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'name people only when asked, and count each once in a range ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${web.url}/numbers`, look);
      const { page } = seen;
      await turnsSaid(page).waitFor();
      await expect.poll(() => tile(page, 'People').textContent()).toBe('5');
      expect(await page.getByText('author-0').count()).toBe(0);
      await page.getByLabel('Name people').check();
      const people = figure(page, 'People');
      await people.getByRole('rowheader', { name: 'Ann (author-0)' }).waitFor();
      await expect.poll(() => people.locator('tbody tr').count()).toBe(5);
      expect(new URL(page.url()).search).toBe('?names=yes');
      await expectClear(seen);
      await page.getByLabel('Name people').uncheck();
      await people.waitFor({ state: 'detached' });
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)('come as CSV, as they are shown ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(at.browser, `${web.url}/numbers?days=7&platform=slack`, look);
    const { page } = seen;
    await turnsSaid(page).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as CSV: Outcomes' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`parley-outcomes-${daysAgo(6)}-${daysAgo(0)}.csv`);
    const query = { from: daysAgo(6), to: daysAgo(0), platform: 'slack', model: null, names: false };
    const { outcomes } = await numbers.read(query);
    const lines = outcomes.map(({ outcome, kind, turns }) => `${outcome},${kind ?? ''},${turns}\r\n`);
    expect(lines.length).toBeGreaterThan(0);
    expect(await readFile(await file.path(), 'utf8')).toBe(`outcome,kind,turns\r\n${lines.join('')}`);
  });

  test.each(FLOW_LOOKS)(
    'refuse a range that is none in a sentence ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${web.url}/numbers`, look);
      const { page } = seen;
      const from = page.getByLabel('From', { exact: true });
      for (const [first, last, sentence] of [
        [daysAgo(1), daysAgo(5), 'The first day must not come after the last: swap them.'],
        [daysAgo(500), daysAgo(5), 'That is more than 400 days: choose a shorter range.'],
        ['', daysAgo(5), 'Enter both days, as in 2026-11-21.'],
      ] as const) {
        await from.fill(first);
        await page.getByLabel('To', { exact: true }).fill(last);
        await page.getByRole('button', { name: 'Show' }).click();
        await page.getByRole('alert').getByText(sentence).waitFor();
        await expect.poll(() => from.getAttribute('aria-invalid')).toBe('true');
      }
      await expectClear(seen);
      await page.getByRole('link', { name: '7 days', exact: true }).click();
      await page.getByText('Enter both days').waitFor({ state: 'detached' });
      await expect.poll(() => from.inputValue()).toBe(daysAgo(6));
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'say so where nothing was asked, and what is wrong with an address ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(at.browser, `${web.url}/numbers?platform=nowhere`, look);
      const { page } = seen;
      await page.getByText('Nobody asked anything in these days.').waitFor();
      await expect.poll(() => page.locator('canvas').count()).toBe(0);
      await expectClear(seen);
      await page.goto(`${web.url}/numbers?from=yesterday`);
      await page.getByText('from must be a day as in 2026-11-21.').waitFor();
      await expectClear(seen);
      const asked = page.waitForRequest((request) => request.url().includes('/api/admin/numbers?'));
      await page.getByRole('button', { name: 'Try again' }).click();
      await asked;
      // The refused address is a console message of the browser's own, each time.
      expect(seen.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
    },
  );
});
