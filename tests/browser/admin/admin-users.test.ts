import { beforeAll, expect, test } from 'vitest';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withOwnParley } from '../scripted-parley.js';
import { SETUP_MS } from '../with-browser.js';
import { ask, HOSTILE, OPERATOR_KEY, operatorCookies } from './operator.js';

/** Chromium logs every answer of these as an error of the console. */
const REFUSED = /status of 40[04]|ERR_FAILED/;

describeInBrowser('who may ask, people and programs', () => {
  let cookies: Awaited<ReturnType<typeof operatorCookies>>;
  const parley = withOwnParley({
    env: { PARLEY_API_KEY: OPERATOR_KEY },
    file: { limits: { turnsPerMinute: 1000, tokensPerDay: 50_000 } },
  });
  beforeAll(async () => {
    const { url } = parley.under;
    cookies = await operatorCookies(url);
    await ask(url, 'How are you?', HOSTILE);
    for (const { width } of FLOW_LOOKS) await ask(url, 'Remember me.', `ada-${width}`);
  }, SETUP_MS);

  const open = (section: string, look: (typeof LOOKS)[number]) =>
    visit(parley.browser, `${parley.under.url}/admin?section=${section}`, look, cookies);

  test.each(FLOW_LOOKS)(
    'a user is found, and forgotten once that is confirmed ($colorScheme, $width px)',
    async (look) => {
      const name = `ada-${look.width}`;
      await using seen = await open('users', look);
      const { page } = seen;
      await page.getByText('1,000 questions a minute and use 50,000 tokens in 24 hours').waitFor();
      await page.getByRole('row', { name: HOSTILE }).waitFor();
      await page.getByLabel('Search by name or key').fill('nobody of that name');
      await page.keyboard.press('Enter');
      await page.getByText('Nobody is found').waitFor();
      await page.getByLabel('Search by name or key').fill(name);
      await page.keyboard.press('Enter');
      const row = page.getByRole('row', { name: `web/${name}` });
      await row.getByText('of 50,000').waitFor();
      await expect.poll(() => page.locator('tbody tr').count()).toBe(1);

      const forget = row.getByRole('button', { name: `Forget ${name}` });
      const dialog = page.getByRole('dialog', { name: `Forget ${name}?` });
      const hasFocus = () => forget.evaluate((it) => it === it.ownerDocument.activeElement);
      await forget.click();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      await expect.poll(hasFocus).toBe(true);
      await page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await expect.poll(hasFocus).toBe(true);
      await forget.click();
      await page.route('**/forget', (route) => route.abort(), { times: 1 });
      await dialog.getByRole('button', { name: 'Forget' }).click();
      await dialog.getByRole('alert').getByText('check that it is running').waitFor();
      await expectClear(seen);
      await dialog.getByRole('button', { name: 'Forget' }).click();
      await page.getByRole('status').getByText(`${name} is forgotten. Turns erased: 1.`).waitFor();
      await row.getByText('Name forgotten').waitFor();
      await dialog.waitFor({ state: 'hidden' });
      expect(await page.evaluate('window.ran')).toBeUndefined();
      expect(seen.problems.filter((problem) => !REFUSED.test(problem))).toEqual([]);
    },
  );

  test.each(LOOKS)('users are paged through ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(parley.browser, parley.under.url, look, cookies);
    const { page } = seen;
    const used = { turns: 1, tokens: 60_000 };
    const user = { last_asked_at: '2026-11-21T08:00:00.000Z', day: used, month: used };
    const limits = { turns_per_minute: null, tokens_per_day: null };
    // As many as a page holds would take a question each.
    await page.route(/\/api\/admin\/users(\?|$)/, (route) => {
      const after = new URL(route.request().url()).searchParams.get('after');
      const name = after === null ? 'first' : 'last';
      const users = [{ ...user, key: `web/${name}`, name }];
      return route.fulfill({ json: { limits, users, next: after === null ? 'web/first' : null } });
    });
    await page.goto(`${parley.under.url}/admin?section=users`);
    await page.getByRole('row', { name: 'web/first' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Previous' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('row', { name: 'web/last' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await expectClear(seen);
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByRole('row', { name: 'web/first' }).waitFor();
    expect(seen.problems).toEqual([]);
  });

  test.each(LOOKS)('a key is made with limits that make sense ($colorScheme, $width px)', async (look) => {
    await using seen = await open('keys', look);
    const { page } = seen;
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    await dialog.getByLabel('Questions a minute').fill('some');
    await page.keyboard.press('Enter');
    await dialog.getByText('Must be a whole number in digits alone, or empty.').waitFor();
    await expect.poll(() => dialog.locator('input:focus').inputValue()).toBe('some');
    await dialog.getByLabel('Questions a minute').fill('0');
    await page.keyboard.press('Enter');
    await dialog.getByText('Must not be empty.').waitFor();
    await dialog.getByText('Must be at least 1.').waitFor();
    await dialog.getByRole('alert').getByText('correct what is marked').waitFor();
    await expect.poll(() => dialog.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
    await expectClear(seen);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(seen.problems.filter((problem) => !REFUSED.test(problem))).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'a key is shown once, changed, and revoked ($colorScheme, $width px)',
    async (look) => {
      const name = `${HOSTILE} ${look.width}`;
      await using seen = await open('keys', look);
      const { page } = seen;
      await page.getByRole('button', { name: 'Make a key' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill(name);
      await dialog.getByLabel('Questions a minute').fill('7');
      await page.keyboard.press('Enter');
      const shown = page.getByRole('textbox', { name: `The key of ${name}` });
      await shown.waitFor();
      const key = await shown.inputValue();
      await expect.poll(() => page.evaluate('document.activeElement.value')).toBe(key);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByRole('status').getByText('Copied.').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
      await expectClear(seen);
      expect(await statusWith(key)).toBe(200);
      await page.getByRole('button', { name: 'I have it' }).click();
      await shown.waitFor({ state: 'hidden' });
      const row = page.getByRole('row', { name });
      await row.getByText('7 questions a minute').waitFor();
      await row.getByText('Any number of tokens').waitFor();
      await row.getByText('In force').waitFor();
      expect(await page.content()).not.toContain(key);

      await row.getByRole('button', { name: 'Change' }).click();
      await expect.poll(() => dialog.getByLabel('Questions a minute').inputValue()).toBe('7');
      await dialog.getByLabel('Tokens in 24 hours').fill('90000');
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText(`${name}: saved.`).waitFor();
      await row.getByText('90,000 tokens in 24 hours').waitFor();
      await row.getByText('7 questions a minute').waitFor();

      await row.getByRole('button', { name: 'Revoke' }).click();
      await dialog.getByText('is refused from then on').waitFor();
      await dialog.getByRole('button', { name: 'Revoke' }).click();
      await row.getByText('Revoked').waitFor();
      await expect.poll(() => row.getByRole('button').count()).toBe(0);
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('content');
      expect(await statusWith(key)).toBe(401);
      await expectClear(seen);
      expect(await page.evaluate('window.ran')).toBeUndefined();
      expect(seen.problems).toEqual([]);
    },
  );

  async function statusWith(key: string): Promise<number> {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${parley.under.url}/api/models`, { headers })).status;
  }
});
