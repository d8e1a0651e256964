import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../../../src/storage/database/database.js';
import { PrismaApiKeyStore } from '../../../../../src/storage/settings/api-key-store.js';
import { cachedApiKeys } from '../../../../../src/storage/settings/cached-api-keys.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';
import { openStoredWeb } from '../stored-web.js';

const ADMIN = 'the-operator';

interface Key {
  readonly id: number;
  readonly key: string;
  readonly shown: string;
}

let database: Database;
let open: Awaited<ReturnType<typeof openStoredWeb>>;
/** Of another process, on the same database. */
let elsewhere: Awaited<ReturnType<typeof openStoredWeb>>;
let clock: FakeClock;
beforeAll(async () => {
  database = await openTestDatabase();
  clock = new FakeClock();
  const keys = () => cachedApiKeys(new PrismaApiKeyStore(database.prisma), clock);
  open = await openStoredWeb(database, { apiKey: ADMIN }, keys());
  elsewhere = await openStoredWeb(database, { apiKey: ADMIN }, keys());
});
afterAll(async () => {
  await open?.close();
  await elsewhere?.close();
  await database?.stop();
});
beforeEach(() => database.pool.query('TRUNCATE api_key'));

const change = (method: string, path: string, body: unknown) =>
  open.send(method, path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function make(limits: object = {}, name = 'A program'): Promise<Key> {
  const response = await open.post('/api/admin/keys', { name, limits });
  expect(response.status).toBe(201);
  return (await response.json()) as Key;
}

const ask = (key: string, user = 'ann', at = open) =>
  fetch(`${at.url}/api/question`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'Why?', user_id: user }),
  });

describe('an administrator', () => {
  test('makes a key, sees it listed without what opens it, renames it and changes one limit', async () => {
    const { key, ...made } = await make({ turns_per_minute: 5, tokens_per_day: 9_000 }, ' The shop ');
    expect(made).toMatchObject({
      name: 'The shop',
      shown: `${key.slice(0, 7)}…`,
      last_used_at: null,
      revoked_at: null,
      limits: { turns_per_minute: 5, tokens_per_day: 9_000 },
    });
    const list = async () => (await open.send('GET', '/api/admin/keys')).text();
    expect(JSON.parse(await list())).toEqual({ keys: [made] });
    expect(await list()).not.toContain(key.slice(7));
    const changed = await change('PATCH', `/api/admin/keys/${made.id}`, {
      name: 'The other shop',
      limits: { tokens_per_day: null },
    });
    expect(await changed.json()).toMatchObject({
      name: 'The other shop',
      limits: { turns_per_minute: 5, tokens_per_day: null },
    });
    expect((await ask(key)).status).toBe(200);
    expect(JSON.parse(await list())).toMatchObject({ keys: [{ last_used_at: expect.any(String) }] });
  });

  test.each([
    ['name', {}],
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 'two\nlines' }],
    ['limits.turns_per_minute', { name: 'x', limits: { turns_per_minute: 0 } }],
    ['limits.turns_per_minute', { name: 'x', limits: { turns_per_minute: 10_001 } }],
    ['limits.turns_per_minute', { name: 'x', limits: { turns_per_minute: 1.5 } }],
    ['limits.tokens_per_day', { name: 'x', limits: { tokens_per_day: 1_000_000_001 } }],
    ['limits.tokens_per_day', { name: 'x', limits: { tokens_per_day: '5' } }],
  ])('is told that %s is wrong in %j', async (field, body) => {
    const response = await open.post('/api/admin/keys', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { issues: [{ field }] } });
    expect(await (await open.send('GET', '/api/admin/keys')).json()).toEqual({ keys: [] });
  });

  test('is told of a key that is not there, or was revoked', async () => {
    const { id } = await make();
    expect((await open.send('DELETE', '/api/admin/keys/0')).status).toBe(400);
    expect((await open.send('DELETE', '/api/admin/keys/9999999999')).status).toBe(400);
    for (const [method, path] of [
      ['DELETE', '/api/admin/keys/2147483647'],
      ['PATCH', '/api/admin/keys/2147483647'],
    ] as const)
      expect((await change(method, path, { name: 'x' })).status).toBe(404);
    const revoked = await open.send('DELETE', `/api/admin/keys/${id}`);
    expect(await revoked.json()).toMatchObject({ id, revoked_at: expect.any(String) });
    expect((await change('PATCH', `/api/admin/keys/${id}`, { name: 'x' })).status).toBe(404);
  });
});

describe('a key', () => {
  test('that is revoked works no longer: at once here, within 10 s in other processes', async () => {
    const { id, key } = await make();
    for (const at of [open, elsewhere]) expect((await ask(key, 'ann', at)).status).toBe(200);
    await open.send('DELETE', `/api/admin/keys/${id}`);
    expect((await ask(key)).status).toBe(401);
    clock.jump(10_000);
    const late = await ask(key, 'ann', elsewhere);
    expect(late.status).toBe(401);
    expect(await late.text()).toContain('was revoked');
  });

  test('over its limit is told to wait, whoever asks with it; another is not', async () => {
    const [limited, free] = [await make({ turns_per_minute: 1 }), await make()];
    expect((await ask(limited.key, 'ann')).status).toBe(200);
    const refused = await ask(limited.key, 'ben');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'turn-limit',
        message: expect.stringContaining('This API key has asked a question within a minute'),
      },
    });
    expect((await ask(free.key, 'ben')).status).toBe(200);
    expect((await ask(ADMIN, 'ben')).status).toBe(200);
  });

  test('over its tokens gets no second answer to an earlier question, nor one by command', async () => {
    const { key } = await make({ tokens_per_day: 20 });
    const { turn_id: turnId, conversation_id: conversation } = (await (await ask(key)).json()) as {
      turn_id: number;
      conversation_id: string;
    };
    const call = (path: string, body: object) =>
      fetch(open.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: 'ann', conversation_id: conversation, ...body }),
      });
    for (const refused of [
      await call(`/api/turns/${turnId}/regenerate`, {}),
      await call('/api/commands/ask', { values: { question: 'Why?' } }),
    ]) {
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('3600');
      expect(await refused.text()).toContain('used its 20 tokens');
    }
  });
});

describe('the official client of the OpenAI API', () => {
  const client = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${open.url}/v1`, maxRetries: 0 });
  const chat = (apiKey: string, more: object = {}) =>
    client(apiKey).chat.completions.create({
      model: 'small',
      messages: [{ role: 'user', content: 'Why?' }],
      ...more,
    });
  const refusalOf = async (call: Promise<unknown>): Promise<APIError> => {
    const error = await call.catch((thrown: unknown) => thrown);
    if (error instanceof APIError) return error;
    throw new Error('was not refused');
  };

  test('gets answers with a key, and is told when it was revoked', async () => {
    const { id, key } = await make();
    expect((await chat(key)).choices[0]?.message.content).toBe('Because.');
    expect((await client(key).models.list()).data).toHaveLength(1);
    await open.send('DELETE', `/api/admin/keys/${id}`);
    expect(await refusalOf(chat(key))).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  test('over the limit of its key is told to wait, in the errors it knows', async () => {
    const { key } = await make({ turns_per_minute: 1 });
    await chat(key, { user: 'ann' });
    const error = await refusalOf(chat(key, { user: 'ben' }));
    expect(error).toMatchObject({ status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    expect(error.headers?.get('retry-after')).toBe('60');
    const tired = await make({ tokens_per_day: 1 });
    await chat(tired.key);
    expect(await refusalOf(chat(tired.key))).toMatchObject({ status: 429, code: 'insufficient_quota' });
  });

  test('without a user asks as the one author of its key', async () => {
    const [one, other] = [await make(), await make()];
    for (const { key } of [one, one, other]) await chat(key);
    const { rows } = await database.pool.query<{ author_key: string; asked: number }>(
      `SELECT author_key, count(*)::int AS asked FROM turn WHERE key_id = ANY($1::int[]) GROUP BY author_key ORDER BY 1`,
      [[one.id, other.id]],
    );
    expect(rows).toEqual([
      { author_key: `key/${one.id}/openai`, asked: 2 },
      { author_key: `key/${other.id}/openai`, asked: 1 },
    ]);
  });

  test('is told in its own errors of addresses that are not there', async () => {
    const { key } = await make();
    expect(await refusalOf(client(key).embeddings.create({ model: 'small', input: 'x' }))).toMatchObject({
      status: 404,
      type: 'invalid_request_error',
      code: 'not_found',
      param: null,
    });
    const response = await fetch(`${open.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', code: 'method_not_allowed', param: null },
    });
  });
});

test('what programs ask over /v1 is in no list, and no conversation in the numbers', async () => {
  const { key } = await make();
  const client = new OpenAI({ apiKey: key, baseURL: `${open.url}/v1` });
  const user = 'a-user-of-v1';
  await client.chat.completions.create({
    model: 'small',
    messages: [{ role: 'user', content: 'Why?' }],
    user,
  });
  const headers = { authorization: `Bearer ${key}` };
  const mine = await fetch(`${open.url}/api/conversations?user_id=${user}`, { headers });
  expect(await mine.json()).toMatchObject({ conversations: [] });
  const places = await open.send('GET', '/api/admin/places?search=v1');
  expect(await places.json()).toMatchObject({ places: [] });
});
