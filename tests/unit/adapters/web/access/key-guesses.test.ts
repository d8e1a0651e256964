import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ApiKeyLookup } from '../../../../../src/ports/settings/api-keys.js';
import { openWeb } from '../open-web.js';

const KEY = 'right-key';
const PROGRAM_KEY = `pk_${'a'.repeat(43)}`;

/** The API, with a key of a program beside the operator's. */
async function opened() {
  const limits = { turnsPerMinute: null, tokensPerDay: null };
  const looked: string[] = [];
  const apiKeys: ApiKeyLookup = {
    find: async (key) => {
      looked.push(key);
      return key === PROGRAM_KEY ? { id: 7, limits } : null;
    },
  };
  const queueBoard = { fetch: async () => new Response('jobs') };
  const open = await openWeb({ apiKey: KEY, apiKeys, queueBoard });
  onTestFinished(() => open.close());
  const show = (key: string, path = '/api/models') =>
    open.send('GET', path, { headers: { authorization: `Bearer ${key}` } });
  return {
    ...open,
    looked,
    show,
    statusOf: async (key: string, path?: string) => (await show(key, path)).status,
    guess: async (times: number) => {
      for (let guess = 0; guess < times; guess++) expect((await show(`guess-${guess}`)).status).toBe(401);
    },
  };
}

const madeUp = () => `pk_${randomBytes(32).toString('base64url')}`;

describe('keys guessed from one address', () => {
  test('are looked at 10 in a minute, right or wrong', async () => {
    const { guess, show, statusOf, clock, looked } = await opened();
    await guess(5);
    clock.jump(20_000);
    for (let times = 0; times < 5; times++) expect(await statusOf(madeUp())).toBe(401);
    const eleventh = await show(KEY);
    expect(eleventh.status).toBe(429);
    expect(eleventh.headers.get('retry-after')).toBe('40');
    expect(await eleventh.json()).toMatchObject({
      error: { code: 'attempt-limit', message: expect.stringMatching(/^[A-Z].+ wait a minute\.$/) },
    });
    expect(await statusOf(PROGRAM_KEY)).toBe(429);
    expect(looked, 'asked of the database').not.toContain(PROGRAM_KEY);
    clock.jump(40_000);
    expect(await statusOf(KEY)).toBe(200);
    expect(await statusOf(PROGRAM_KEY)).toBe(200);
  });

  test('do not stop a key that was right from there before', async () => {
    const { guess, statusOf } = await opened();
    expect([await statusOf(KEY), await statusOf(PROGRAM_KEY)]).toEqual([200, 200]);
    await guess(10);
    expect(await statusOf('another')).toBe(429);
    expect([await statusOf(KEY), await statusOf(PROGRAM_KEY)]).toEqual([200, 200]);
  });

  test('are no guesses where one old key is shown again and again', async () => {
    const { statusOf } = await opened();
    for (let times = 0; times < 30; times++) expect(await statusOf('an-old-key')).toBe(401);
    expect(await statusOf(KEY)).toBe(200);
  });

  test('count wherever they are shown, and nowhere helps the right one', async () => {
    const { statusOf, bot, url } = await opened();
    const password = (key: string) =>
      fetch(`${url}/queues`, {
        headers: { authorization: `Basic ${Buffer.from(`me:${key}`).toString('base64')}` },
      });
    const places = ['/api/models', '/v1/models', '/metrics'];
    for (const [place, path] of [...places, ...places, ...places].entries())
      expect(await statusOf(`guess-${place}`, path)).toBe(401);
    expect((await password('guess-9')).status).toBe(401);
    for (const path of places) expect(await statusOf(KEY, path), path).toBe(429);
    expect((await password(KEY)).status).toBe(429);
    expect(bot.turns).toEqual([]);
  });

  test('shut out nobody who shows none: the page, health and signing in', async () => {
    const { guess, url } = await opened();
    await guess(10);
    for (const path of ['/', '/healthz']) expect((await fetch(url + path)).status, path).toBe(200);
    expect((await fetch(`${url}/api/models`)).status).toBe(401);
    const signedIn = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: KEY }),
    });
    expect(signedIn.status).toBe(204);
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await fetch(`${url}/api/models`, { headers: { cookie } })).status).toBe(200);
  });
});
