import { describe, expect, onTestFinished, test } from 'vitest';
import { sessionStatements } from '../../../../../adapters/web/access/session-statement.js';
import { DAY_MS } from '../../../../../src/domain/time/duration.js';
import { openWeb } from '../open-web.js';

const KEY = 'right-key';

async function opened(options: Parameters<typeof openWeb>[0] = { apiKey: KEY }) {
  const open = await openWeb(options);
  onTestFinished(() => open.close());
  /** As a browser or program without a bearer token. */
  const bare = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    fetch(open.url + path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    ...open,
    bare,
    signIn: (key: unknown, headers: Record<string, string> = {}) =>
      bare('POST', '/api/session', headers, { key }),
    /** The status of a read that shows this cookie. */
    withCookie: async (cookie: string) => (await bare('GET', '/api/models', { cookie })).status,
  };
}

const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';

describe('signing in', () => {
  test('gives a cookie that opens the API, and that no script reads', async () => {
    const { signIn, withCookie } = await opened();
    const response = await signIn(KEY);
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      /^parley_session=\S+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(await withCookie(cookieOf(response))).toBe(200);
  });

  test.each([{ origin: 'https://bot.example' }, { 'x-forwarded-proto': 'https' }])(
    'over HTTPS the cookie stays on HTTPS: %j',
    async (headers) => {
      const { signIn } = await opened();
      const seen = 'origin' in headers ? { ...headers, 'sec-fetch-site': 'same-origin' } : headers;
      expect((await signIn(KEY, seen)).headers.get('set-cookie')).toContain('; Secure');
    },
  );

  test('with a wrong key is refused with a sentence', async () => {
    const { signIn } = await opened();
    const response = await signIn('wrong-key');
    expect(response.status).toBe(401);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toMatchObject({
      error: { code: 'unauthorized', message: expect.stringContaining('PARLEY_API_KEY') },
    });
  });

  test.each([[''], [7], ['x'.repeat(1_001)], [undefined]])('as %j is no key', async (key) => {
    const { signIn } = await opened();
    expect((await signIn(key)).status).toBe(400);
  });

  test('may be tried 10 times a minute by one address, right or wrong', async () => {
    const { signIn, clock } = await opened();
    for (let attempt = 0; attempt < 10; attempt++) expect((await signIn('wrong-key')).status).toBe(401);
    clock.jump(20_000);
    const eleventh = await signIn(KEY);
    expect(eleventh.status).toBe(429);
    expect(eleventh.headers.get('retry-after')).toBe('40');
    expect(await eleventh.json()).toMatchObject({ error: { code: 'attempt-limit' } });
    clock.jump(40_000);
    expect((await signIn(KEY)).status).toBe(204);
  });

  test('is not needed where no key is set', async () => {
    const { bare, signIn } = await opened({});
    expect(await (await bare('GET', '/api/session')).json()).toEqual({ signed_in: true, needs_key: false });
    const response = await signIn('anything');
    expect([response.status, response.headers.get('set-cookie')]).toEqual([204, null]);
  });

  test('shows, and ends by signing out', async () => {
    const { bare, signIn } = await opened();
    const state = async (cookie: string) => (await bare('GET', '/api/session', { cookie })).json();
    expect(await state('')).toEqual({ signed_in: false, needs_key: true });
    const cookie = cookieOf(await signIn(KEY));
    expect(await state(cookie)).toEqual({ signed_in: true, needs_key: true });
    const out = await bare('DELETE', '/api/session', { cookie });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^parley_session=; Max-Age=0; Path=\/; HttpOnly/);
  });
});

describe('a session', () => {
  test('of one process holds in every other that has the key, and nowhere else', async () => {
    const [first, second] = [await opened(), await opened()];
    const cookie = cookieOf(await first.signIn(KEY));
    expect(await second.withCookie(cookie)).toBe(200);
    const other = await opened({ apiKey: 'another-key' });
    expect(await other.withCookie(cookie)).toBe(401);
  });

  test('ends after 7 days', async () => {
    const { signIn, withCookie, clock } = await opened();
    const cookie = cookieOf(await signIn(KEY));
    clock.jump(7 * DAY_MS - 1_000);
    expect(await withCookie(cookie)).toBe(200);
    clock.jump(1_000);
    expect(await withCookie(cookie)).toBe(401);
  });

  test('cannot be forged or prolonged', async () => {
    const { signIn, withCookie, clock } = await opened();
    const cookie = cookieOf(await signIn(KEY));
    const [, ends = '', proof = ''] = cookie.split('.');
    const forged = [
      cookie.replace(ends, String(Number(ends) + 1)),
      cookie.replace(proof, 'A'.repeat(43)),
      `parley_session=v1.${ends}.`,
      `parley_session=v1.99999999999.${proof}`,
      `parley_session=${sessionStatements(`${KEY} `).make(clock.now())}`,
      'parley_session=',
      'parley_session=%E0%A4%A',
    ];
    for (const attempt of forged) expect(await withCookie(attempt), attempt).toBe(401);
  });

  test('does not help a wrong bearer token', async () => {
    const { bare, signIn } = await opened();
    const cookie = cookieOf(await signIn(KEY));
    const headers = { cookie, authorization: 'Bearer wrong-key' };
    expect((await bare('GET', '/api/models', headers)).status).toBe(401);
  });

  test('opens the pages of the queues', async () => {
    const queueBoard = { fetch: async () => new Response('jobs') };
    const { bare, signIn } = await opened({ apiKey: KEY, queueBoard });
    const cookie = cookieOf(await signIn(KEY));
    expect((await bare('GET', '/queues')).status).toBe(401);
    expect(await (await bare('GET', '/queues', { cookie })).text()).toBe('jobs');
  });
});

describe('across sites', () => {
  /** What the server made of a change that a browser sent with its cookie. */
  async function change(headers: (url: string) => Record<string, string>, body: unknown = VOTE) {
    const { bare, signIn, url } = await opened();
    const cookie = cookieOf(await signIn(KEY));
    return (await bare('POST', '/api/turns/1/vote', { cookie, ...headers(url) }, body)).status;
  }
  const VOTE = { user_id: 'ann', conversation_id: 'c-1', vote: 1 };

  test.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['a sandbox', { origin: 'null' }],
    ['no page at all', {}],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a sister domain, as the browser says', { 'sec-fetch-site': 'same-site' }],
  ])('%s changes nothing with the cookie', async (_who, headers) => {
    expect(await change(() => headers)).toBe(403);
  });

  test('a form changes nothing, whoever sends it', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      expect(await change((url) => ({ origin: url, 'content-type': type })), type).toBe(403);
    }
  });

  test("Parley's own page changes what it likes", async () => {
    expect(await change((url) => ({ origin: url }))).toBe(404); // let in: there is no such turn
    expect(await change(() => ({ 'sec-fetch-site': 'same-origin', origin: 'https://proxied.example' }))).toBe(
      404,
    );
  });

  test('nobody is signed in or out', async () => {
    const { bare, signIn } = await opened();
    const headers = { origin: 'https://evil.example' };
    expect((await signIn(KEY, headers)).status).toBe(403);
    expect((await bare('DELETE', '/api/session', headers)).status).toBe(403);
  });
});
