import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExpectedFailure } from '../../../../src/domain/failure.js';
import { type LogEndpoint, postDocument, safeUrl } from '../../../../workers/log-export/post-document.js';
import { LogServer } from '../../../doubles/servers/log-server.js';

const never = new AbortController().signal;
const BODY = '{"text":"四"}';

let server: LogServer;
beforeEach(async () => {
  server = await LogServer.open();
});
afterEach(() => server.close());

const endpoint = (over: Partial<LogEndpoint> = {}): LogEndpoint => ({
  url: server.url,
  secret: 'a secret',
  timeoutMs: 5_000,
  ...over,
});
const failureOf = async (over: Partial<LogEndpoint> = {}, signal = never) => {
  const failure: ExpectedFailure = await postDocument(endpoint(over), BODY, 'turn-7.0', signal).then(
    () => expect.unreachable(),
    (error) => error,
  );
  return failure;
};

test('the body arrives as it is, signed with the secret, under its own id', async () => {
  await postDocument(endpoint(), BODY, 'turn-7.0', never);
  const [post] = server.posts;
  expect(post).toMatchObject({ method: 'POST', path: '/turns?from=parley', body: BODY });
  expect(post?.headers['content-type']).toBe('application/json');
  expect(post?.headers['x-parley-delivery']).toBe('turn-7.0');
  const expected = createHmac('sha256', 'a secret').update(BODY, 'utf8').digest('hex');
  expect(post?.headers['x-parley-signature']).toBe(`sha256=${expected}`);
});

test('without a secret nothing is signed', async () => {
  await postDocument(endpoint({ secret: null }), BODY, 'turn-7.0', never);
  expect(server.posts[0]?.headers).not.toHaveProperty('x-parley-signature');
});

test('a user and password in the address are sent as basic authentication', async () => {
  const url = server.url.replace('http://', 'http://ann:p%40ss@');
  await postDocument(endpoint({ url }), BODY, 'turn-7.0', never);
  const expected = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
  expect(server.posts[0]?.headers.authorization).toBe(expected);
});

test.each([500, 502, 503, 408, 425, 429])('%i is worth trying again', async (status) => {
  server.answers.push({ status });
  expect(await failureOf()).toMatchObject({ kind: 'setup', retryable: true, retryAfterMs: undefined });
  expect(server.posts).toHaveLength(1);
});

test.each([400, 401, 403, 404, 410, 413, 422, 301, 302])('%i is not', async (status) => {
  server.answers.push({ status, headers: { location: '/elsewhere' } });
  expect(await failureOf()).toMatchObject({ kind: 'setup', retryable: false });
  expect(server.posts).toHaveLength(1);
});

test('Retry-After is passed on', async () => {
  server.answers.push({ status: 429, headers: { 'retry-after': '7' } });
  expect(await failureOf()).toMatchObject({ retryable: true, retryAfterMs: 7_000 });
});

test('no answer in time is worth trying again', async () => {
  server.answers.push('hang');
  const failure = await failureOf({ timeoutMs: 100 });
  expect(failure).toMatchObject({ retryable: true, message: 'LOGGING_URL gave no answer in time' });
});

test('a broken connection and a refused one are worth trying again', async () => {
  server.answers.push('cut');
  expect(await failureOf()).toMatchObject({ retryable: true });
  const { url } = server;
  await server.close();
  expect(await failureOf({ url })).toMatchObject({
    retryable: true,
    message: 'LOGGING_URL cannot be reached',
  });
});

test('an abort ends the request with its reason', async () => {
  server.answers.push('hang');
  const stopping = new AbortController();
  const posting = postDocument(endpoint(), BODY, 'turn-7.0', stopping.signal);
  await server.received(1);
  stopping.abort(new Error('stopping'));
  await expect(posting).rejects.toThrow('stopping');
});

describe('redirects', () => {
  test('on the same origin are followed, body and signature and all', async () => {
    server.answers.push({ status: 308, headers: { location: '/moved' } });
    await postDocument(endpoint(), BODY, 'turn-7.0', never);
    expect(server.posts.map((post) => [post.path, post.body])).toEqual([
      ['/turns?from=parley', BODY],
      ['/moved', BODY],
    ]);
    expect(server.posts[1]?.headers['x-parley-signature']).toBe(
      server.posts[0]?.headers['x-parley-signature'],
    );
  });

  test('to another host or port are not', async () => {
    const other = await LogServer.open();
    server.answers.push({ status: 307, headers: { location: other.url } });
    expect(await failureOf()).toMatchObject({ retryable: false });
    expect(other.posts).toEqual([]);
    await other.close();
  });

  test('in a circle end', async () => {
    for (let i = 0; i < 9; i++) server.answers.push({ status: 307, headers: { location: server.url } });
    expect(await failureOf()).toMatchObject({ retryable: false });
    expect(server.posts.length).toBeLessThan(6);
  });
});

test.each([
  'http://example.org/log',
  'ftp://127.0.0.1/',
  'http://127.0.0.1.example.org/',
  'http://10.0.0.1/',
])('%s is not safe to post to', (url) => expect(() => safeUrl(url)).toThrow('LOGGING_URL must be'));

test.each(['https://example.org/log', 'http://localhost:8080/', 'http://127.0.0.1/', 'http://[::1]:9/'])(
  '%s is safe to post to',
  (url) => expect(safeUrl(url).href).toBe(new URL(url).href),
);

test('no failure names the address, which may hold a password', async () => {
  server.answers.push({ status: 401 });
  const failure = await failureOf({ url: server.url.replace('http://', 'http://ann:hunter2@') });
  expect(failure.message).toBe('LOGGING_URL answered 401');
});
