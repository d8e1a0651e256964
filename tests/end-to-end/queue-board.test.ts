import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { deferred } from '../doubles/deferred.js';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { startUnderTest, type UnderTest } from './parley-under-test.js';

const KEY = 'key-of-the:operator';
const BEARER = { authorization: `Bearer ${KEY}` };
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`,
});

const LISTED = z.object({
  queues: z.array(
    z.object({
      name: z.string(),
      counts: z.record(z.string(), z.number()),
      readOnlyMode: z.boolean(),
      isPaused: z.boolean(),
      jobs: z.array(z.object({ id: z.string(), data: z.unknown() })),
    }),
  ),
});

describe('the queue board', () => {
  let server: ModelServer;
  let under: UnderTest;
  /** The queue that holds what asks for the default model. */
  let queue: string;

  beforeAll(async () => {
    server = await startModelServer();
    under = await startUnderTest({ modelServer: server, env: { PARLEY_API_KEY: KEY } });
    queue = under.redisUrl === null ? 'wake-ups' : 'wake-ups-hosted';
  });
  afterAll(async () => {
    await under.stop();
    await server.close();
  });

  const get = (path: string, headers: Record<string, string> = BEARER) =>
    fetch(`${under.url}${path}`, { headers });
  async function listed(active = queue) {
    const response = await get(`/queues/api/queues?activeQueue=${active}&page=1&jobsPerPage=10`);
    expect(response.status).toBe(200);
    return LISTED.parse(await response.json()).queues;
  }

  /** A question whose model has not answered yet. */
  async function asking() {
    server.next({ fault: 'hang' });
    const asked = server.request(server.requests.length + 1);
    const ended = deferred<void>();
    const gone = new AbortController();
    fetch(`${under.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...BEARER },
      body: JSON.stringify({ question: 'a secret question', user_id: 'ada-of-the-web' }),
      signal: gone.signal,
    }).then(
      () => ended.resolve(),
      () => ended.resolve(),
    );
    await asked;
    onTestFinished(async () => {
      gone.abort();
      await ended.promise;
    });
  }

  test.each(['/queues', '/queues/', `/queues/queue/wake-ups`, '/queues/api/queues', '/queues/static/x'])(
    '%s asks a browser for the key, and takes no other',
    async (path) => {
      for (const headers of [
        {},
        basic(''),
        basic('another-key'),
        basic(`${KEY} `),
        { authorization: 'Basic' },
      ]) {
        const refused = await get(path, headers);
        expect(refused.status).toBe(401);
        expect(refused.headers.get('www-authenticate')).toBe('Basic realm="parley", charset="UTF-8"');
      }
      expect((await get(path, { authorization: 'Bearer another-key' })).status).toBe(401);
      expect((await get(path, basic(KEY))).status).toBe((await get(path, BEARER)).status);
      expect((await get(path, basic(KEY))).status).not.toBe(401);
    },
  );

  test('the API itself takes no password', async () => {
    expect((await get('/api/models', basic(KEY))).status).toBe(401);
    expect((await get('/metrics', basic(KEY))).status).toBe(401);
  });

  test('its page comes with scripts and styles of this server alone', async () => {
    const response = await get('/queues', basic(KEY));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    const page = await response.text();
    expect(page).toContain('<title>Parley: queues</title>');
    expect(page).not.toMatch(/https?:/);
    const loaded = [...page.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path);
    expect(loaded.length).toBeGreaterThan(4);
    expect((await get('/queues/')).status).toBe(200);
    for (const path of loaded) expect((await get(`/queues/${path}`)).status, path).toBe(200);
  });

  test('it lists every queue, with what is in it by its id alone', async () => {
    await asking();
    await expect
      .poll(async () => (await listed()).find(({ name }) => name === queue)?.counts)
      .toMatchObject({
        active: 1,
      });
    const queues = await listed();
    expect(queues.map(({ name }) => name)).toEqual(
      under.redisUrl === null
        ? ['wake-ups']
        : expect.arrayContaining(['wake-ups', 'wake-ups-hosted', 'wake-ups-small', 'wake-ups-auto']),
    );
    const shown = queues.find(({ name }) => name === queue)?.jobs;
    expect(shown).toMatchObject([{ data: { conversationId: expect.any(Number) } }]);
    const job = await get(`/queues/api/queues/${queue}/${shown?.[0]?.id}`);
    expect(job.status).toBe(200);
    expect(await job.text()).not.toMatch(/secret|ada-of-the-web|key-of-the/);
  });

  test.each([
    ['PUT', 'pause'],
    ['PUT', 'empty'],
    ['PUT', 'obliterate'],
    ['PUT', 'retry/failed'],
    ['PUT', 'clean/failed'],
    ['POST', 'add'],
    ['PATCH', '1/update-data'],
    ['DELETE', ''],
  ])('it changes nothing: %s %s', async (method, action) => {
    const response = await fetch(`${under.url}/queues/api/queues/${queue}/${action}`, {
      method,
      headers: { ...BEARER, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await listed()).toContainEqual(
      expect.objectContaining({ name: queue, isPaused: false, readOnlyMode: true }),
    );
  });
});

test('without an API key there is no queue board', async () => {
  const server = await startModelServer();
  onTestFinished(() => server.close());
  const under = await startUnderTest({ modelServer: server });
  onTestFinished(() => under.stop());
  expect((await fetch(`${under.url}/queues`)).status).toBe(404);
  expect((await fetch(`${under.url}/queues/api/queues`)).status).toBe(404);
});
