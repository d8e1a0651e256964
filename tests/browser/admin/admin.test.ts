import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { LogServer } from '../../doubles/servers/log-server.js';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { type ScriptedParley, withOwnParley } from '../scripted-parley.js';
import { SETUP_MS } from '../with-browser.js';
import { ask, HOSTILE, OPERATOR_KEY, operatorCookies } from './operator.js';

describeInBrowser('the admin page', () => {
  let discord: DiscordDouble;
  let logs: LogServer;
  let cookies: Awaited<ReturnType<typeof operatorCookies>>;
  // Comes after what Parley's own end takes: the last said is the first done.
  afterAll(async () => {
    await discord?.stop();
    await logs?.close();
  });
  const parley: ScriptedParley = withOwnParley(async () => {
    [discord, logs] = await Promise.all([new DiscordDouble().start(), LogServer.open()]);
    return { discord, env: { PARLEY_API_KEY: OPERATOR_KEY, LOGGING_URL: logs.url } };
  });
  beforeAll(async () => {
    const { model, under } = parley;
    cookies = await operatorCookies(under.url);
    model.next('Fine, thank you.');
    await ask(under.url, 'How are you?', 'ada');
    const channel = discord.world.addChannel({ kind: 'text', name: HOSTILE, guildId: discord.guild.id });
    model.next('Fine in here, too.');
    discord.person.say(channel, 'How are you in here?', { mention: true });
    await discord.waitForReply(({ content }) => content.includes('too.'), channel);
  }, SETUP_MS);

  const open = (section: string, look: (typeof LOOKS)[number] = LOOKS[0]) =>
    visit(parley.browser, `${parley.under.url}/admin?section=${section}`, look, cookies);

  test.each(FLOW_LOOKS)(
    'goes from section to section by its links, and back ($colorScheme, $width px)',
    async (look) => {
      await using seen = await open('platforms', look);
      const { page } = seen;
      const sections = page.getByRole('navigation', { name: 'Administration' });
      await sections.getByRole('link', { name: 'Log export' }).waitFor();
      for (const name of await sections.getByRole('link').allTextContents()) {
        await sections.getByRole('link', { name }).click();
        await page.getByRole('heading', { name, level: 1 }).waitFor();
        await sections.locator('[aria-current=page]').getByText(name, { exact: true }).waitFor();
        await page.getByText('Loading…').waitFor({ state: 'detached' });
      }
      expect(new URL(page.url()).search).toBe('?section=log-export');
      await page.goBack();
      await page.getByRole('heading', { name: 'API keys' }).waitFor();
      expect(await page.title()).toBe('Admin · Parley');
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'shows who is connected, and what another platform lacks ($colorScheme, $width px)',
    async (look) => {
      await using seen = await open('platforms', look);
      const { page } = seen;
      const platform = (name: string) => page.getByRole('listitem').filter({ hasText: name });
      await platform('Discord').getByText('Connected', { exact: true }).waitFor();
      await platform('Discord').getByText('Servers it is in: 1.').waitFor();
      await platform('Slack').getByText('Not connected').waitFor();
      await platform('Slack').getByText('Set SLACK_BOT_TOKEN').waitFor();
      await expectClear(seen);
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'shows how posting logs fares, with no more of its address than its origin ($colorScheme, $width px)',
    async (look) => {
      await using seen = await open('log-export', look);
      const card = seen.page.getByRole('listitem');
      await card.getByText('Posted', { exact: true }).waitFor();
      await card.getByText(`To ${new URL(logs.url).origin}`, { exact: true }).waitFor();
      // One that is final: what may go well later is tried again before anybody looks.
      logs.answers.push({ status: 400 });
      await ask(parley.under.url, 'And now?', 'ada');
      await card.getByText('Failing', { exact: true }).waitFor();
      await card.getByText('LOGGING_URL answered 400').waitFor();
      await expectClear(seen);
      await ask(parley.under.url, 'Better now?', 'ada');
      await card.getByText('Posted', { exact: true }).waitFor();
      expect(await card.textContent()).not.toContain('?from=parley');
      expect(seen.problems).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'changes a place in place, and takes it back ($colorScheme, $width px)',
    async (look) => {
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
      await expectClear(seen);
      await expect.poll(() => card.locator('input:focus').inputValue()).toBe('2000000000');
      await card.getByLabel('Tokens in 24 hours, each person').fill('5000');
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText(': saved.').waitFor();
      await card.getByText('medicalset here').waitFor();
      await card.getByText('5,000set here').waitFor();
      await expect.poll(() => card.locator('.mark').count()).toBe(3);
      await expect.poll(() => change.evaluate((it) => it === it.ownerDocument.activeElement)).toBe(true);
      await change.click();
      await card.getByLabel('Persona').selectOption('Inherited');
      await card.getByLabel('Memory').selectOption('Inherited');
      await card.getByLabel('Tokens in 24 hours, each person').fill('');
      await card.getByRole('button', { name: 'Save' }).click();
      await card.getByText('set here').first().waitFor({ state: 'hidden' });
      // The refused save is a console message of the browser's own.
      expect(seen.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
    },
  );

  test.each(LOOKS)(
    'finds places by a part of their id, and leaves one as it was ($colorScheme, $width px)',
    async (look) => {
      await using seen = await open('places', look);
      const { page } = seen;
      const channel = page.getByRole('heading', { name: /^Channel/ });
      await channel.waitFor();
      await page.getByLabel('Search by id').fill('nowhere');
      await page.keyboard.press('Enter');
      await page.getByText('No place is found').waitFor();
      await page.getByLabel('Search by id').fill('');
      await channel.waitFor();
      const id = /\d+/.exec((await channel.textContent()) ?? '')?.[0] ?? '';
      await page.getByLabel('Search by id').fill(id.slice(2));
      await page.getByRole('button', { name: 'Search' }).click();
      await expect.poll(() => page.locator('.card').count()).toBe(1);
      await page.getByRole('button', { name: /^Change/ }).click();
      await page.getByLabel('Language').selectOption('中文');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('As the question').waitFor();
      await expect.poll(() => page.locator('.card .mark').count()).toBe(0);
      await expectClear(seen);
      expect(seen.problems).toEqual([]);
    },
  );
});
