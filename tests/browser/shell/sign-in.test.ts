import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, OPERATOR_KEY, operatorCookies } from '../admin/operator.js';
import { expectClear } from '../expect-clear.js';
import { describeInBrowser, FLOW_LOOKS, LOOKS, visit } from '../open-browser.js';
import { withOwnParley } from '../scripted-parley.js';
import { SETUP_MS } from '../with-browser.js';

/** Chromium logs every answer of these as an error of the console. */
const REFUSED = /Failed to load resource: .* status of 40[13]/;

describeInBrowser('signing in', () => {
  let elsewhere: Server;
  // One for all: each one made is one of the ten tries of a minute.
  let cookies: Awaited<ReturnType<typeof operatorCookies>>;
  const parley = withOwnParley({ env: { PARLEY_API_KEY: OPERATOR_KEY } });
  beforeAll(async () => {
    cookies = await operatorCookies(parley.under.url);
    await ask(parley.under.url, 'How are you?', 'ada');
    elsewhere = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  }, SETUP_MS);
  afterAll(() => void elsewhere?.close());

  test.each(LOOKS)('stands before every page, open to everybody ($colorScheme, $width px)', async (look) => {
    await using seen = await visit(parley.browser, `${parley.under.url}/admin`, look);
    await seen.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expect.poll(() => seen.page.getByRole('heading', { name: 'Platforms' }).count()).toBe(0);
    await expect.poll(() => seen.page.evaluate('document.activeElement.id')).toBe('key');
    await expectClear(seen);
    expect(seen.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says what is wrong with a key, lets the right one in, and out again ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(parley.browser, `${parley.under.url}/admin`, look);
      const { page } = seen;
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').getByText('Enter the API key').waitFor();
      await page.getByLabel('API key').fill('not the key');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('This is not the key').waitFor();
      await expect.poll(() => page.getByLabel('API key').getAttribute('aria-invalid')).toBe('true');
      await expectClear(seen);
      await page.getByLabel('API key').fill(OPERATOR_KEY);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Platforms' }).waitFor();

      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', name: 'parley_session' });
      expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toContain(
        cookie?.value,
      );
      expect(await page.content()).not.toContain(OPERATOR_KEY);

      await page.reload();
      await page.getByRole('heading', { name: 'Platforms' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await expect.poll(() => page.getByRole('heading', { name: 'Platforms' }).count()).toBe(0);
      await page.reload();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await page.context().cookies()).toEqual([]);
      expect(seen.problems.filter((problem) => !REFUSED.test(problem))).toEqual([]);
    },
  );

  test.each(FLOW_LOOKS)(
    'after a session is over goes on with what was typed ($colorScheme, $width px)',
    async (look) => {
      await using seen = await visit(
        parley.browser,
        `${parley.under.url}/admin?section=places`,
        look,
        cookies,
      );
      const { page } = seen;
      const card = page.getByRole('listitem').filter({ hasText: 'Conversation ' });
      // Otherwise than as the other look left it.
      const limit = String(look.width / 10);
      await card.getByRole('button', { name: /^Change/ }).click();
      await card.getByLabel('Questions a minute, each person').fill(limit);
      await page.context().clearCookies();
      await card.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Your session is over').first().waitFor();
      await expect.poll(() => card.isVisible()).toBe(false);
      await expectClear(seen);
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('key');
      await page.getByLabel('API key').fill(OPERATOR_KEY);
      await page.keyboard.press('Enter');
      await expect.poll(() => card.getByLabel('Questions a minute, each person').inputValue()).toBe(limit);
      await card.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('status').getByText(': saved.').waitFor();
      await card.getByText(`${limit}set here`).waitFor();
      expect(seen.problems.filter((problem) => !REFUSED.test(problem))).toEqual([]);
    },
  );

  test('gives the pages of another origin nothing, neither to read nor to change', async () => {
    const read = async (path: string) => {
      const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
      return (await fetch(parley.under.url + path, { headers })).json();
    };
    const { places } = (await read('/api/admin/places')) as { places: { key: string }[] };
    const before = [await read('/api/admin/places'), await read('/api/admin/users')];
    const { port } = elsewhere.address() as AddressInfo;
    // Another port is the same site to a cookie, which goes along; another name is another site.
    for (const origin of [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
      await using seen = await visit(parley.browser, origin, LOOKS[0], cookies);
      const { page } = seen;
      const answers: string[] = [];
      page.on('response', (response) => {
        if (response.url().startsWith(parley.under.url))
          answers.push(`${response.request().method()} ${response.status()}`);
      });
      const tried = `(${attack})(${JSON.stringify(parley.under.url)}, ${JSON.stringify(places[0]?.key)})`;
      expect(await page.evaluate(tried)).toEqual({
        read: 'nothing',
        change: 'nothing',
        signOut: 'nothing',
        forget: 'opaque',
      });
      expect(answers.filter((answer) => answer.startsWith('POST'))).toEqual([
        origin.includes('localhost') ? 'POST 401' : 'POST 403',
      ]);
      const sent = page.waitForResponse((response) => response.url().endsWith('/forget'));
      await page.evaluate(`(${form})(${JSON.stringify(parley.under.url)})`);
      expect((await sent).status()).toBe(origin.includes('localhost') ? 401 : 403);
    }
    expect([await read('/api/admin/places'), await read('/api/admin/users')]).toEqual(before);
    await using own = await visit(parley.browser, `${parley.under.url}/admin`, LOOKS[0], cookies);
    await own.page.getByRole('heading', { name: 'Platforms' }).waitFor();
    expect(own.problems).toEqual([]);
  });

  test.each(FLOW_LOOKS)(
    'says how long to wait after too many tries ($colorScheme, $width px)',
    async (look) => {
      const { url } = parley.under;
      const headers = { 'content-type': 'application/json' };
      const guess = () => fetch(`${url}/api/session`, { method: 'POST', headers, body: '{"key":"a guess"}' });
      while ((await guess()).status === 401);
      await using seen = await visit(parley.browser, `${url}/numbers`, look);
      const { page } = seen;
      await page.getByLabel('API key').fill(OPERATOR_KEY);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').getByText('too many attempts to sign in').waitFor();
      await expectClear(seen);
    },
  );
});

/** What a script of another origin tries with a visitor's cookie. Runs in the browser. */
const attack = `async (url, place) => {
  const json = { 'content-type': 'application/json' };
  const outcome = (path, init) => fetch(url + path, { credentials: 'include', ...init }).then(
    ({ type }) => type,
    () => 'nothing',
  );
  return {
    read: await outcome('/api/admin/users'),
    change: await outcome('/api/admin/places/' + encodeURIComponent(place), {
      method: 'PATCH', headers: json, body: '{"persona":"medical"}',
    }),
    signOut: await outcome('/api/session', { method: 'DELETE' }),
    forget: await outcome('/api/admin/users/web%2Fada/forget', {
      method: 'POST', mode: 'no-cors', body: '{"confirm":"web/ada"}',
    }),
  };
}`;

/** A form needs no script's permission to be sent, and its body can be made to look like JSON. */
const form = `(url) => {
  const sent = document.createElement('form');
  sent.action = url + '/api/admin/users/web%2Fada/forget';
  sent.method = 'post';
  sent.enctype = 'text/plain';
  const field = document.createElement('input');
  field.name = '{"confirm":"web/ada","x":"';
  field.value = '"}';
  sent.append(field);
  document.body.append(sent);
  sent.submit();
}`;
