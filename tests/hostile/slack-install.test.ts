import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { holdsFor } from './holds-for.js';
import { damaged, hostileText, type Json } from './inputs.js';
import { type Answered, cookieOf, Installing, STATE_SECRET, signedState } from './installing-slack.js';

let app: Installing;
beforeAll(async () => {
  app = await Installing.open();
});
beforeEach(() => app.clear());
afterAll(() => app.stop());

const EXPIRED_MS = 601_000;
const claims = (ageMs: number) => ({
  installOptions: { scopes: ['chat:write'], redirectUri: 'https://evil.example/' },
  now: new Date(Date.now() - ageMs).toJSON(),
  random: 1,
});

/** What is shown says nothing of what was sent, tells no secret, runs nothing and leads nowhere. */
function expectHarmless({ status, headers, text }: Answered, sent: readonly string[]): void {
  expect([200, 400, 403, 500]).toContain(status);
  expect(text.length).toBeLessThan(500);
  for (const piece of sent.filter((each) => each.length >= 12)) expect(text + headers).not.toContain(piece);
  for (const secret of app.secrets) expect(text + headers + app.log.everything).not.toContain(secret);
  expect(text).not.toMatch(/<script|http-equiv|https?:|javascript:|\son\w+=/i);
  expect(headers).not.toMatch(/"(?:location|refresh)"/);
  expect(headers).toContain("default-src 'none'");
  expect(headers).toContain('no-store');
}

const printable = (text: string) => text.replaceAll(/[^\x20-\x3a\x3c-\x7e]/g, '');
const hostileQuery = fc.oneof(
  // Four of them fit into the 16 KiB that a head may have.
  hostileText(4).map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3_000)),
  fc.constantFrom(
    '',
    '%',
    '%00',
    '%ff',
    '%3Cscript%3Ealert(1)%3C%2Fscript%3E',
    'https://evil.example/%0d%0aSet-Cookie:x=1',
    'x'.repeat(3_000),
  ),
);

describe('a browser that comes back from Slack with a state that is not its own', () => {
  const forged = fc.oneof(
    hostileQuery,
    fc.constantFrom('forged', 'other-key', 'expired', 'unsigned', 'cut', 'other-browser', 'twice', 'none'),
  );
  const cookies = fc.constantFrom('same', 'own', 'none', 'two', 'nonsense');
  const come = fc.record({ forged, cookie: cookies, code: fc.oneof(hostileQuery, fc.constant('good')) });
  holdsFor(
    'installs nothing, asks Slack nothing, and is shown nothing of it',
    come,
    async ({ forged: kind, cookie, code }) => {
      app.clear();
      const [mine, theirs] = await Promise.all([app.begin(), app.begin()]);
      const states = new Map(
        Object.entries({
          'other-key': signedState(claims(0), `${STATE_SECRET}x`),
          expired: signedState(claims(EXPIRED_MS), STATE_SECRET),
          unsigned: `${signedState(claims(0), '', { alg: 'none', typ: 'JWT' }).split('.').slice(0, 2).join('.')}.`,
          cut: mine.state.slice(0, -1),
          'other-browser': theirs.state,
          twice: `${theirs.state}&state=${mine.state}`,
          none: '',
        }),
      );
      const state = states.get(kind) ?? kind;
      // Where both are the same, the signature and its age are all that is left.
      const ours = ['other-browser', 'twice'].includes(kind) ? mine.state : printable(state);
      const cookieHeader = {
        same: cookieOf(ours),
        own: cookieOf(mine.state),
        none: '',
        two: `${cookieOf(mine.state)}; ${cookieOf(printable(state))}`,
        nonsense: `=;;${cookieOf('')};%`,
      }[cookie];
      const granted = app.slack.agreeToInstall(mine.page).get('code') ?? '';
      const before = app.slack.callsTo('oauth.v2.access').length;
      const query = `code=${code === 'good' ? granted : code}${kind === 'none' ? '' : `&state=${state}`}`;
      const answered = await app.comeBack(query, cookieHeader);
      expectHarmless(answered, [state, code]);
      expect(answered.status).toBeGreaterThanOrEqual(400);
      expect(app.kept.all).toEqual([]);
      expect(app.slack.callsTo('oauth.v2.access')).toHaveLength(before);
    },
    { share: 0.25 },
  );
});

describe('several browsers that install at once', () => {
  const BROWSERS = 4;
  const index = fc.nat(BROWSERS - 1);
  const returns = fc.array(fc.record({ state: index, cookie: index, code: index }), {
    minLength: 1,
    maxLength: 8,
  });
  holdsFor(
    'get what each agreed to, each once, however states, cookies and codes are mixed up or sent again',
    returns,
    async (all) => {
      app.clear();
      const browsers = await Promise.all(Array.from({ length: BROWSERS }, () => app.begin()));
      const workspaces = browsers.map((_, i) => (i % 2 === 0 ? app.slack : app.other));
      const codes = browsers.map(
        ({ page }, i) =>
          workspaces[i]?.agreeToInstall(page.replaceAll(/&state=[^&]*/g, '')).get('code') ?? '',
      );
      const answers = await Promise.all(
        all.map(({ state, cookie, code }) =>
          app.comeBack(
            `code=${codes[code]}&state=${browsers[state]?.state}`,
            cookieOf(browsers[cookie]?.state ?? ''),
          ),
        ),
      );
      for (const answered of answers) expectHarmless(answered, []);
      const own = all.filter(({ state, cookie }) => state === cookie);
      expect(app.kept.all).toHaveLength(new Set(own.map(({ code }) => code)).size);
      expectOwnTokens();
      answers.forEach(({ status }, i) => {
        if (all[i]?.state !== all[i]?.cookie) expect(status).toBe(400);
      });
    },
    { share: 0.2, each: BROWSERS },
  );
});

/** Each token is kept for the team that it opens, and only there. */
function expectOwnTokens(): void {
  for (const { workspace, token, app: id, details } of app.kept.all) {
    const whose = [app.slack, app.other].find(({ issued }) => issued.has(token))?.workspace;
    expect(workspace).toBe(whose?.teamId);
    expect(id).toMatch(/^A[A-Z0-9]+$/);
    expect(details).toEqual({
      botUserId: expect.stringMatching(/^[UW][A-Z0-9]+$/),
      botId: expect.stringMatching(/^B[A-Z0-9]+$/),
    });
  }
}

describe('whatever Slack, or who stands in its place, says of an installation', () => {
  /** The first four times of five: what is wrong in many ways is refused for the first of them. */
  const often = <T>(right: T, ...wrong: readonly T[]) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(right) },
      { weight: 1, arbitrary: fc.constantFrom(...wrong) },
    );
  type Claim = 'own' | 'other' | 'dead';
  const answer = (token: string, team: Json, organisation: Json) =>
    damaged(
      fc.record({
        ok: fc.constant(true),
        app_id: often<Json>('A0PARLEY', 'A/../B', 7),
        token_type: fc.constant('bot'),
        scope: fc.constant('chat:write'),
        access_token: fc.constant(token),
        bot_user_id: often<Json>('U0BOT', 'W0BOT', 'U0BOT/..', 7, { id: 'U0BOT' }),
        team: fc.constant(team),
        enterprise: fc.constantFrom<Json>(null, { id: 'E0ACME', name: 'Acme' }),
        is_enterprise_install: fc.constant(organisation),
        authed_user: fc.constant<Json>({ id: 'U1', scope: 'x', access_token: 'xoxp-MARKED-of-a-person' }),
      }),
      1,
    );
  const input = fc
    .record({
      token: often<Claim>('own', 'other', 'dead'),
      organisation: often<Json>(false, true, 'false', null),
      named: often('T0PARLEY', 'T0GLOBEX', 't0parley', 'T0PARLEY/T0GLOBEX', '../T0PARLEY', ''),
    })
    .chain((about) =>
      fc.record({
        token: fc.constant(about.token),
        body: answer('TOKEN', { id: about.named, name: 'Acme <b>' }, about.organisation),
      }),
    );
  holdsFor(
    'no token is kept but for the team it opens, and the page is the same for all',
    input,
    async ({ token, body }) => {
      app.clear();
      const installer = token === 'other' ? app.other : app.slack;
      // A token that is good, as the one of an earlier installation.
      const browser = await app.begin();
      const back = installer.agreeToInstall(browser.page);
      const earlier = await app.comeBack(String(back), cookieOf(browser.state));
      expect(earlier.status).toBe(200);
      app.clear();
      const real = token === 'dead' ? 'xoxb-dead-MARKED' : installer.botToken;
      app.slack.fail('oauth.v2.access', {
        type: 'answer',
        body: JSON.parse(JSON.stringify(body).replaceAll('"TOKEN"', JSON.stringify(real))),
      });
      const next = await app.begin();
      const answered = await app.comeBack(`code=any&state=${next.state}`, cookieOf(next.state));
      expectHarmless(answered, [real, 'xoxp-MARKED-of-a-person', 'Acme <b>']);
      expectOwnTokens();
      expect(answered.status === 200).toBe(app.kept.all.length === 1);
      if (token === 'dead') expect(app.kept.all).toEqual([]);
    },
    { share: 0.25 },
  );
});

describe('the page that begins an installation', () => {
  const query = fc.tuple(
    fc.constantFrom('redirect_uri', 'state', 'scope', 'client_id', 'team', 'url', 'next', '__proto__'),
    hostileQuery,
  );
  holdsFor(
    'sends everybody to Slack, and nowhere else',
    fc.array(query, { maxLength: 4 }),
    async (pairs) => {
      const asked = `${app.url}/slack/install?${pairs.map((pair) => pair.join('=')).join('&')}`;
      const { status, headers } = await fetch(asked, { redirect: 'manual' });
      expect(status).toBe(302);
      const page = new URL(headers.get('location') ?? '');
      expect(page.origin + page.pathname).toBe(new URL('/oauth/v2/authorize', app.slack.apiUrl).href);
      expect([...page.searchParams.keys()].sort()).toEqual(['client_id', 'scope', 'state']);
      expect(page.searchParams.get('client_id')).toBe(app.slack.client.clientId);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('set-cookie')).toMatch(/; Secure; HttpOnly; Path=\/; Max-Age=600$/);
    },
    { share: 0.25 },
  );
});
