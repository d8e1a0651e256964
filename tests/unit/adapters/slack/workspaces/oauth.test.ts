import { expect, test } from 'vitest';
import { openWorkspaces } from './open-workspaces.js';

const { open, database } = openWorkspaces();

test('the install page sends people to Slack, with the scopes of the manifest and a state of this browser', async () => {
  const { acme, url } = await open();
  const page = await fetch(`${url}/slack/install`, { redirect: 'manual' });
  expect(page.status).toBe(302);
  const slack = new URL(page.headers.get('location') ?? '');
  expect(slack.origin + slack.pathname).toBe(new URL('/oauth/v2/authorize', acme.apiUrl).href);
  expect(slack.searchParams.get('client_id')).toBe(acme.client.clientId);
  expect(slack.searchParams.get('scope')?.split(',')).toContain('chat:write');
  const cookie = page.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toContain(slack.searchParams.get('state'));
});

test('an installation is kept encrypted, under the app and the team', async () => {
  const { acme, install, store, log } = await open();
  expect(await install(acme)).toMatchObject({ status: 200 });
  expect(
    await store.find({ platform: 'slack', app: 'A0PARLEY', workspace: acme.workspace.teamId }),
  ).toMatchObject({
    token: acme.botToken,
    name: 'Parley',
    details: { botUserId: acme.workspace.bot.id, botId: acme.workspace.bot.botId },
  });
  const { rows } = await database().pool.query('SELECT * FROM installation');
  expect(JSON.stringify(rows)).not.toContain(acme.botToken);
  expect(log.everything).toContain('installed the app');
});

test.each([
  ['without the cookie of the browser that began', (back: URLSearchParams) => ({ back, cookie: '' })],
  [
    'with a state that we did not sign',
    (back: URLSearchParams) => {
      back.set('state', 'forged');
      return { back, cookie: 'slack-app-oauth-state=forged' };
    },
  ],
  [
    'where the person said no',
    (_back: URLSearchParams, cookie: string) => ({
      back: new URLSearchParams({ error: 'access_denied' }),
      cookie,
    }),
  ],
  [
    'with a code that Slack does not know',
    (back: URLSearchParams, cookie: string) => {
      back.set('code', 'guessed');
      return { back, cookie };
    },
  ],
])('nothing is installed %s', async (_how, change) => {
  const { acme, store, url } = await open();
  const start = await fetch(`${url}/slack/install`, { redirect: 'manual' });
  const kept = start.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { back, cookie } = change(acme.agreeToInstall(start.headers.get('location') ?? ''), kept);
  const page = await fetch(`${url}/slack/oauth_redirect?${back}`, { headers: { cookie } });
  expect(page.status).toBeGreaterThanOrEqual(400);
  expect(await store.list('slack')).toEqual([]);
});

test('a code works once', async () => {
  const { acme, store, url } = await open();
  const start = await fetch(`${url}/slack/install`, { redirect: 'manual' });
  const cookie = start.headers.get('set-cookie')?.split(';')[0] ?? '';
  const back = acme.agreeToInstall(start.headers.get('location') ?? '');
  const redirect = () => fetch(`${url}/slack/oauth_redirect?${back}`, { headers: { cookie } });
  expect((await redirect()).status).toBe(200);
  expect((await redirect()).status).toBe(500);
  expect(await store.list('slack')).toHaveLength(1);
});

test('who may not install gets no further, and Slack gets the token back', async () => {
  const { acme, globex, install, store, log } = await open({ oauth: { mayInstall: ['T0GLOBEX'] } });
  expect(await install(globex)).toMatchObject({ status: 200 });
  const refused = await install(acme);
  expect(refused.status).toBe(500);
  expect(await store.list('slack')).toMatchObject([{ workspace: 'T0GLOBEX' }]);
  expect(acme.callsTo('auth.revoke').map(({ token }) => token)).toEqual([acme.botToken]);
  expect(log.everything).toContain('T0PARLEY is not in slack.mayInstall');
});

test('an app whose tokens expire is refused: nobody would renew them', async () => {
  const { acme, install, store, log } = await open();
  acme.rotateTokens = true;
  expect((await install(acme)).status).toBe(500);
  expect(await store.list('slack')).toEqual([]);
  expect(log.everything).toContain('turn token rotation off');
});

test('an installation that names no bot is refused: no event of it could be told from the bot’s own', async () => {
  const { acme, install, store, log } = await open();
  acme.fail('auth.test', { type: 'answer', body: { ok: true, team_id: 'T0PARLEY', user_id: 'U0PARLEYBOT' } });
  expect((await install(acme)).status).toBe(500);
  expect(await store.list('slack')).toEqual([]);
  expect(log.everything).toContain('Slack installed no bot');
});

test('a token that opens another place than Slack said is not kept', async () => {
  const { acme, install, store, log } = await open();
  const other = { ok: true, team_id: 'T0GLOBEX', bot_id: 'B0GLOBEX', enterprise_id: 'T0PARLEY' };
  acme.fail('auth.test', { type: 'answer', body: other }, 2);
  expect((await install(acme)).status).toBe(500);
  expect(await store.list('slack')).toEqual([]);
  expect(log.everything).toContain('the token that Slack gave for T0PARLEY is for another place');
});

test('of a workspace’s name, 200 characters are kept', async () => {
  const { acme, install, store } = await open();
  await install(acme);
  const body = {
    ok: true,
    app_id: 'A0PARLEY',
    scope: 'chat:write',
    access_token: acme.botToken,
    bot_user_id: acme.workspace.bot.id,
    team: { id: acme.workspace.teamId, name: 'x'.repeat(300) },
    authed_user: { id: 'U0INSTALLER' },
  };
  acme.fail('oauth.v2.access', { type: 'answer', body });
  expect((await install(acme)).status).toBe(200);
  const key = { platform: 'slack', app: 'A0PARLEY', workspace: acme.workspace.teamId } as const;
  expect((await store.find(key))?.name).toBe('x'.repeat(200));
});

test('the two pages are there for several workspaces alone', async () => {
  const { url } = await open();
  expect((await fetch(`${url}/slack/other`)).status).toBe(404);
  expect((await fetch(`${url}/slack/install`, { method: 'POST' })).status).toBe(404);
});
