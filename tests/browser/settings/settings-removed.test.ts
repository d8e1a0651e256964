import { expect, test } from 'vitest';
import { describeInBrowser, visit } from '../open-browser.js';
import { withScriptedParley } from '../scripted-parley.js';

/** What waits as long as settings wait to be saved, 400 ms, waits for ever: unless it begins once `inTime` is set. */
const NEVER_IN_TIME = `const start = setTimeout;
setTimeout = (action, ms, ...more) => start(action, ms === 400 && !window.inTime ? 1e8 : ms, ...more);`;

describeInBrowser('the settings of a conversation that is deleted', () => {
  const at = withScriptedParley();

  test('go with it, also those that waited to be saved', async () => {
    await using seen = await visit(at.browser, at.under.url);
    const { page } = seen;
    await page.addInitScript(NEVER_IN_TIME);
    await page.reload();
    const ask = async (question: string) => {
      await page.getByLabel('Your message').fill(question);
      await page.getByLabel('Your message').press('Enter');
      await page.getByRole('button', { name: 'Good answer' }).waitFor();
    };
    await ask('Why is the sky blue?');
    const id = new URL(page.url()).searchParams.get('conversation');
    const path = `/api/conversations/${id}`;
    const changes: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET' && request.url().includes(path)) changes.push(request.method());
    });
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByLabel('Temperature, as a number').fill('1.5');
    await page.getByRole('status').getByText('Saving…').waitFor();
    const remove = async () => {
      await page.getByRole('button', { name: 'Options for Why is the sky blue?' }).click();
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
    };
    await remove();
    await page.getByText('The conversation is deleted.').waitFor({ state: 'attached' });
    await page.getByText('What would you like to know?').waitFor();
    await ask('And the sea?');
    expect(changes).toEqual(['DELETE']);
    const settings = await (await fetch(`${at.under.url}${path}/settings`)).json();
    expect(settings).toMatchObject({ parameters: {} });
    expect(seen.problems).toEqual([]);
  });

  test('are saved after all where it could not be deleted', async () => {
    await at.under.ask('Why is the sea salty?', { user_id: 'kept' });
    await using seen = await visit(at.browser, at.under.url, {
      colorScheme: 'light',
      width: 1200,
      user: 'kept',
    });
    const { page } = seen;
    await page.addInitScript(NEVER_IN_TIME);
    await page.reload();
    await page.getByRole('link', { name: 'Why is the sea salty?' }).click();
    await page.getByRole('button', { name: 'Good answer' }).waitFor();
    const id = new URL(page.url()).searchParams.get('conversation');
    await page.route(`**/api/conversations/${id}`, (route) => route.abort());
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByLabel('Temperature, as a number').fill('1.5');
    await page.evaluate('window.inTime = true');
    await page.getByRole('button', { name: 'Options for Why is the sea salty?' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByText('Parley cannot be reached').waitFor();
    await page.getByRole('status').getByText('Saved.').waitFor({ state: 'attached' });
    const stored = async () => (await fetch(`${at.under.url}/api/conversations/${id}/settings`)).json();
    expect(await stored()).toMatchObject({ parameters: { temperature: 1.5 } });
  });
});
