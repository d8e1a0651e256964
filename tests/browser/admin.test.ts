import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { LogServer } from '../doubles/log-server.js';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { splitTokens } from '../doubles/model-server/reply.js';
import { startUnderTest, type UnderTest } from '../end-to-end/parley-under-test.js';
import { describeInBrowser, LOOKS, openBrowser, visit } from './open-browser.js';
import { ask, OPERATOR_KEY, operatorCookies, SETUP_MS } from './operator.js';

/** A name as an enemy would choose it. */
const HOSTILE = '<img src=x onerror="window.ran=1">';

describeInBrowser('the admin page', () => {
  let browser: Browser;
  let model: ModelServer;
  let discord: DiscordDouble;
  let logs: LogServer;
  let under: UnderTest;
  let cookies: Awaited<ReturnType<typeof operatorCookies>>;
  beforeAll(async () => {
    [browser, model, discord, logs] = await Promise.all([
      openBrowser(),
      startModelServer(),
      new DiscordDouble().start(),
      LogServer.open(),
    ]);
    under = await startUnderTest({
      modelServer: model,
      discord,
      env: { PARLEY_API_KEY: OPERATOR_KEY, LOGGING_URL: logs.url },
      file: { limits: { turnsPerMinute: 1000, tokensPerDay: 50_000 } },
    });
    cookies = await operatorCookies(under.url);
    model.next('Fine, thank you.');
    await ask(under.url, 'How are you?', HOSTILE);
    const channel = discord.world.addChannel({ kind: 'text', name: HOSTILE, guildId: discord.guild.id });
    model.next('Fine in here, too.');
    discord.person.say(channel, 'How are you in here?', { mention: true });
    await discord.waitForReply(({ content }) => content.includes('too.'), channel);
  }, SETUP_MS);
  afterAll(async () => {
    await browser?.close();
    await under?.stop();
    await model?.close();
    await discord?.stop();
    await logs?.close();
  });

  const open = (section: string, look: (typeof LOOKS)[number] = LOOKS[0]) =>
    visit(browser, `${under.url}/admin?section=${section}`, look, cookies);

  const LOOKED_AT = [
    { section: 'platforms', shows: 'Set SLACK_BOT_TOKEN' },
    { section: 'places', shows: 'Channel ' },
    { section: 'users', shows: HOSTILE },
    { section: 'queue', shows: 'Nothing waits.' },
    { section: 'keys', shows: 'There is no key yet' },
    { section: 'log-export', shows: 'Last posted: ' },
  ];
  const LOOKED_AT_IN = LOOKS.flatMap((look) => LOOKED_AT.map((looked) => ({ ...look, ...looked })));

  test.each(LOOKED_AT_IN)(
    'shows $section with nothing in the way of anybody ($colorScheme, $width px)',
    async ({ section, shows, ...look }) => {
      await using seen = await open(section, look);
      const { page } = seen;
      await page.getByText(shows).first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await page.evaluate('window.ran')).toBeUndefined();
      expect(await seen.findBarriers()).toEqual([]);
      expect(seen.problems).toEqual([]);
    },
  );

  test('goes from section to section by its links, and back', async () => {
    await using seen = await open('platforms');
    const { page } = seen;
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    expect(new URL(page.url()).search).toBe('?section=users');
    await page.goBack();
    await page.getByRole('heading', { name: 'Platforms' }).waitFor();
    expect(await page.title()).toBe('Admin · Parley');
  });

  test('shows who is connected', async () => {
    await using seen = await open('platforms');
    const { page } = seen;
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Discord' })
      .getByText('Connected', { exact: true })
      .waitFor();
    await page.getByText('Servers it is in: 1.').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Slack' }).getByText('Not connected').waitFor();
  });

  test('shows how posting logs fares, with no more of its address than its origin', async () => {
    await using seen = await open('log-export');
    const card = seen.page.getByRole('listitem');
    await card.getByText('Posted', { exact: true }).waitFor();
    await card.getByText(`To ${new URL(logs.url).origin}`, { exact: true }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(LOOKS)('changes a place in place ($colorScheme, $width px)', async (look) => {
    await using seen = await open('places', look);
    const { page } = seen;
    await page.getByLabel('Platform').selectOption('Discord');
    const card = page.getByRole('listitem').filter({ hasText: 'Channel ' });
    const change = card.getByRole('button', { name: /^Change Channel \d+$/ });
    await change.click();
    await card.getByLabel('Persona').selectOption('medical');
    await card.getByLabel('Memory').selectOption('One for each person');
    await card.getByLabel('Tokens in 24 hours, each person').fill('a lot');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('Must be a whole number in digits alone, or empty.').waitFor();
    await card.getByLabel('Tokens in 24 hours, each person').fill('2000000000');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('Must be at most 1000000000.').waitFor();
    await card.getByRole('alert').getByText('correct what is marked').waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    expect(await card.locator('input:focus').inputValue()).toBe('2000000000');
    await card.getByLabel('Tokens in 24 hours, each person').fill('5000');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText(': saved.').waitFor();
    await card.getByText('medicalset here').waitFor();
    await card.getByText('5,000set here').waitFor();
    expect(await card.locator('.mark').count()).toBe(3);
    await change.click();
    await card.getByLabel('Persona').selectOption('Inherited');
    await card.getByLabel('Memory').selectOption('Inherited');
    await card.getByLabel('Tokens in 24 hours, each person').fill('');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('set here').first().waitFor({ state: 'hidden' });
    // The refused save is a console message of the browser's own.
    expect(seen.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
  });

  test('finds places by a part of their id', async () => {
    await using seen = await open('places');
    const { page } = seen;
    await page.getByRole('heading', { name: /^Channel/ }).waitFor();
    await page.getByLabel('Search by id').fill('nowhere');
    await page.keyboard.press('Enter');
    await page.getByText('No place is found').waitFor();
    await page.getByLabel('Search by id').fill('');
    await page.getByRole('heading', { name: /^Channel/ }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('finds a user, and forgets them once that is confirmed', async () => {
    model.next('Noted.');
    await ask(under.url, 'Remember me.', 'ada');
    await using seen = await open('users');
    const { page } = seen;
    await page.getByLabel('Search by name or key').fill('nobody of that name');
    await page.keyboard.press('Enter');
    await page.getByText('Nobody is found').waitFor();
    await page.getByLabel('Search by name or key').fill('ada');
    await page.keyboard.press('Enter');
    const row = page.getByRole('row', { name: 'web/ada' });
    await row.getByText('of 50,000').waitFor();
    await row.getByRole('button', { name: 'Forget ada' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forget ada?' });
    await dialog.waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await row.getByRole('button').evaluate((it) => it === it.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('status').getByText('ada is forgotten. Turns erased: 1.').waitFor();
    await row.getByText('Name forgotten').waitFor();
    expect(seen.problems).toEqual([]);
  });

  test('makes a key that is shown once, changes it, and revokes it', async () => {
    await using seen = await open('keys');
    const { page } = seen;
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    await dialog.getByLabel('Questions a minute').fill('some');
    await page.keyboard.press('Enter');
    await dialog.getByText('Must be a whole number in digits alone, or empty.').waitFor();
    expect(await dialog.locator('input:focus').inputValue()).toBe('some');
    await dialog.getByLabel('Questions a minute').fill('0');
    await page.keyboard.press('Enter');
    await dialog.getByText('Must not be empty.').waitFor();
    await dialog.getByText('Must be at least 1.').waitFor();
    expect(await seen.findBarriers()).toEqual([]);
    await dialog.getByLabel('Name').fill(HOSTILE);
    await dialog.getByLabel('Questions a minute').fill('7');
    await page.keyboard.press('Enter');

    const shown = page.getByRole('textbox', { name: `The key of ${HOSTILE}` });
    await shown.waitFor();
    const key = await shown.inputValue();
    expect(await seen.findBarriers()).toEqual([]);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('status').getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
    expect(await statusWith(key)).toBe(200);
    await page.getByRole('button', { name: 'I have it' }).click();
    await shown.waitFor({ state: 'hidden' });
    const row = page.getByRole('row', { name: HOSTILE });
    await row.getByText('7 questions a minute').waitFor();
    expect(await page.content()).not.toContain(key);

    await row.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('dialog').getByLabel('Tokens in 24 hours').fill('90000');
    await page.keyboard.press('Enter');
    await row.getByText('90,000 tokens in 24 hours').waitFor();
    await row.getByText('7 questions a minute').waitFor();

    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('Revoked').waitFor();
    expect(await row.getByRole('button').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    expect(await statusWith(key)).toBe(401);
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(seen.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
  });

  async function statusWith(key: string): Promise<number> {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${under.url}/api/models`, { headers })).status;
  }

  test('asks for news while somebody looks, and not behind their back', async () => {
    await using seen = await visit(browser, under.url, LOOKS[0], cookies);
    const { page } = seen;
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/admin/queue')) asked += 1;
    });
    await page.clock.install();
    const answer = () => page.waitForResponse((response) => response.url().includes('/api/admin/queue'));
    const first = answer();
    await page.goto(`${under.url}/admin?section=queue`);
    await first;
    for (let refresh = 0; refresh < 2; refresh++) {
      const next = answer();
      await page.clock.runFor(3_000);
      await next;
    }
    await page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' })`,
    );
    const before = asked;
    await page.clock.runFor(60_000);
    expect(asked).toBe(before);
    const back = answer();
    await page.evaluate(
      `delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))`,
    );
    await back;
    expect(seen.problems).toEqual([]);
  });

  test('shows what runs and waits, and has what failed answered again', async () => {
    model.next({ fault: 'answer', status: 401, body: '{"error":{"message":"no"}}' });
    await ask(under.url, 'What is lost?', 'eve');
    await using seen = await open('queue&state=failed');
    const { page } = seen;
    await page.getByRole('link', { name: 'Failed 1' }).waitFor();
    const row = page.getByRole('row', { name: 'eve' });
    await row.getByText('provider-rejected').waitFor();
    expect(await page.getByText('What is lost?').count()).toBe(0);
    await page.getByLabel('Show what was asked').check();
    await row.getByText('What is lost?').waitFor();
    model.next({ tokens: splitTokens('Nothing at all.'), break: { afterTokens: 1, how: { kind: 'hang' } } });
    await row.getByRole('button', { name: /^Retry turn \d+$/ }).click();
    await page.getByRole('status').getByText('waits to be answered again').waitFor();
    await page.getByRole('link', { name: 'Running 1' }).click();
    await page.getByRole('row', { name: 'eve' }).waitFor();
    await page.getByRole('link', { name: 'Failed 0' }).waitFor();
    expect(seen.problems).toEqual([]);
  });
});
