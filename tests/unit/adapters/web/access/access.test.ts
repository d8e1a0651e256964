import { request } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWeb } from '../open-web.js';
import { reply } from '../scripted-bot.js';

const ASK = { question: 'Why?', user_id: 'ann' };

async function opened(options: Parameters<typeof openWeb>[0] = {}) {
  const open = await openWeb(options);
  open.bot.onAccepted = (turn) => turn.end(reply('.'));
  onTestFinished(() => open.close());
  return open;
}

/** The status of a request with headers that fetch would not send. */
function statusOf(url: string, headers: Record<string, string>, method = 'GET', body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('with an API key', () => {
  const paths = [
    ['POST', '/api/question'],
    ['GET', '/api/models'],
    ['GET', '/api/commands'],
    ['GET', '/api/conversations/c1'],
    ['DELETE', '/api/conversations/c1'],
    ['POST', '/api/commands/help'],
    ['POST', '/api/turns/1/stop'],
    ['GET', '/api/openapi.json'],
    ['GET', '/api/nothing'],
  ] as const;
  test.each(paths)('%s %s needs it', async (method, path) => {
    const { url } = await opened({ apiKey: 'right-key' });
    const attempt = (authorization?: string) =>
      fetch(url + path, { method, headers: authorization === undefined ? {} : { authorization } });
    const none = await attempt();
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="parley"');
    for (const wrong of ['Bearer wrong-key', 'Bearer right-key-', 'Basic right-key', 'Bearer', 'right-key']) {
      expect((await attempt(wrong)).status, wrong).toBe(401);
    }
    expect((await attempt('bearer right-key')).status).not.toBe(401);
  });

  test('health and the page stay open', async () => {
    const { url } = await opened({ apiKey: 'right-key' });
    for (const path of ['/', '/healthz', '/readyz']) expect((await fetch(url + path)).status).toBe(200);
  });

  test('any host name is served, for proxies', async () => {
    const { url } = await opened({ apiKey: 'right-key' });
    const headers = { host: 'bot.example.org', authorization: 'Bearer right-key' };
    expect(await statusOf(`${url}/api/models`, headers)).toBe(200);
  });
});

describe('without an API key', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.org', 'sub.localhost'])(
    '%s is not bound',
    async (host) => {
      const { web, close } = await opened();
      await close();
      await expect(web.listen({ host, port: 0 })).rejects.toMatchObject({
        kind: 'setup',
        message: expect.stringContaining('PARLEY_API_KEY'),
      });
    },
  );

  test('a name that was pointed at this machine reaches nothing', async () => {
    const { url, port } = await opened();
    expect(await statusOf(`${url}/api/models`, { host: `evil.example:${port}` })).toBe(403);
    for (const host of ['localhost.evil.example', '127.0.0.1.evil.example', 'notlocalhost', '0.0.0.0']) {
      expect(await statusOf(`${url}/healthz`, { host }), host).toBe(403);
    }
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'parley.localhost']) {
      expect(await statusOf(`${url}/api/models`, { host }), host).toBe(200);
    }
  });

  test('pages of other sites cannot post, not even from another port of this machine', async () => {
    const { url, port, bot } = await opened();
    const post = (headers: Record<string, string>) =>
      statusOf(
        `${url}/api/question`,
        { 'content-type': 'application/json', ...headers },
        'POST',
        JSON.stringify(ASK),
      );
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port + 1}`]) {
      expect(await post({ origin }), origin).toBe(403);
    }
    expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await statusOf(`${url}/api/conversations/c`, { origin: 'https://evil.example' }, 'DELETE')).toBe(
      403,
    );
    expect(bot.turns).toEqual([]);
    expect(await post({ origin: url })).toBe(200);
    expect(await post({})).toBe(200);
  });
});

test('a port that is taken is told with what to do', async () => {
  const { web, close } = await opened();
  await close();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await expect(web.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('PARLEY_PORT'),
  });
});

test('the page loads nothing from anywhere else', async () => {
  const { url } = await opened();
  const response = await fetch(url);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  const page = await response.text();
  expect(page).toContain('/api/openapi.json');
  expect(page).not.toMatch(/(?:src|href)="(?!\/assets\/)|https?:|<script(?! type="module" crossorigin src=)/);
});
