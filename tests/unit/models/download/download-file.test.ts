import { existsSync } from 'node:fs';
import { readdir, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { awaitCondition } from '../../../doubles/await-condition.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { sha256 } from '../../../doubles/model-hub/model-hub.js';
import { BYTES, WHERE, withDownloads } from './with-downloads.js';

const at = withDownloads();
const { download, destination, expectWhole, fromHub, fromStorage } = at;

test('gets a file, checks it against what the at.hub states, and leaves nothing else behind', async () => {
  at.hub.offer(WHERE, BYTES);
  const seen: string[] = [];
  const got = await download(fromHub(), { onProgress: ({ phase }) => seen.push(phase) });
  expect(got).toEqual({ sha256: sha256(BYTES), bytes: BYTES.length });
  expect(new Set(seen)).toEqual(new Set(['downloading', 'verifying']));
  await expectWhole();
});

test('shows the token to the at.hub, and never to where the at.hub redirects', async () => {
  at.hub.offer(WHERE, BYTES);
  await download(fromHub({ token: 'hf_secret' }));
  const [first, second] = at.hub.requests;
  expect(first).toMatchObject({ server: 'hub', headers: { authorization: 'Bearer hf_secret' } });
  expect(second?.server).toBe('storage');
  expect(JSON.stringify(second?.headers)).not.toContain('hf_secret');
});

test.each([
  ['pinned', { sha256: 'a'.repeat(64) }],
  ['stated', {}],
])('refuses a file that is not the %s one, and keeps none of it', async (_, pin) => {
  at.hub.offer(WHERE, BYTES, { stated: 'b'.repeat(64) });
  await expect(download(fromHub(pin))).rejects.toMatchObject({ kind: 'model-missing', retryable: false });
  expect(await readdir(at.folder)).toEqual([]);
});

test('refuses a file of another length before it comes', async () => {
  at.hub.offer(WHERE, BYTES);
  await expect(download(fromHub({ bytes: 7 }))).rejects.toThrow('300000 bytes in place of 7');
  expect(await readdir(at.folder)).toEqual([]);
});

test('waits as long as a busy server asks', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'status', status: 429, headers: { 'retry-after': '7' } });
  const clock = new FakeClock();
  const running = download(fromHub(), { clock });
  await awaitCondition(() => clock.sleeping === 1);
  await clock.advance(6_999);
  expect(at.hub.requests).toHaveLength(2);
  await clock.advance(1);
  await running;
  await expectWhole();
});

test('gives a server up that asks to wait longer than is worth it', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'status', status: 429, headers: { 'retry-after': '3600' } });
  await expect(download()).rejects.toThrow('come back in 3600 s');
});

test('waits longer after each fault, and gives up after the fourth', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push(...Array.from({ length: 9 }, () => ({ type: 'status', status: 502 }) as const));
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  const limits = { connectMs: 2000, stallMs: 10_000, attempts: 4, backoffMs: 100 };
  await expect(download(fromHub(), { clock, limits })).rejects.toThrow('answers 502');
  expect(waits).toEqual([100, 200, 400]);
});

test.each([
  [401, 'a token with access to it is needed'],
  [403, 'a token with access to it is needed'],
  [404, 'has no such file'],
  [400, 'answers 400'],
])('does not ask again after %i', async (status, words) => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'status', status });
  await expect(download()).rejects.toThrow(words);
  expect(at.hub.requests).toHaveLength(2);
});

test('gives a silent server up', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'stall', after: 10 }, { type: 'stall', after: 0 });
  const limits = { connectMs: 2000, stallMs: 300, attempts: 2, backoffMs: 1 };
  await expect(download(fromHub(), { limits })).rejects.toThrow('stopped sending');
  expect((await stat(`${destination()}.part`)).size).toBe(10);
});

test('leaves a host that is not there at once', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  const clock = new FakeClock(); // A wait would never end.
  const remote = fromHub({ url: `http://127.0.0.1:${port}/x.gguf` });
  await expect(download(remote, { clock })).rejects.toThrow('cannot be reached (ECONNREFUSED)');
});

test('refuses plain http to another machine, also after a redirect', async () => {
  await expect(download(fromHub({ url: 'http://example.org/x.gguf' }))).rejects.toThrow('is not https');
  at.hub.put('x', BYTES);
  at.hub.faults.push({ type: 'status', status: 302, headers: { location: 'http://example.org/x.gguf' } });
  await expect(download(fromStorage('x'))).rejects.toThrow('http://example.org is not https');
});

test('follows no endless redirects', async () => {
  at.hub.put('x', BYTES);
  at.hub.faults.push(
    ...Array.from(
      { length: 9 },
      () => ({ type: 'status', status: 302, headers: { location: '/x' } }) as const,
    ),
  );
  await expect(download(fromStorage('x'))).rejects.toThrow('redirects without end');
});

test('takes the checksum that lies beside the file', async () => {
  at.hub.put('model.gguf', BYTES);
  at.hub.put('model.gguf.sha256', Buffer.from(`${sha256(BYTES)}  model.gguf\n`));
  await download(fromStorage('model.gguf'));
  await expectWhole();
});

test('refuses a file of which no checksum is known', async () => {
  at.hub.put('model.gguf', BYTES);
  await expect(download(fromStorage('model.gguf'))).rejects.toThrow('give sha256 with this source');
  expect(await readdir(at.folder)).toEqual([]);
});

test('asks for room before it begins', async () => {
  at.hub.offer(WHERE, BYTES);
  const failed = download(fromHub(), { freeBytes: async () => BYTES.length });
  await expect(failed).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('PARLEY_DATA_DIR'),
  });
  expect(await readdir(at.folder)).toEqual([]);
});

// Every write to /dev/full fails as on a full disk. Only some systems have it.
test.skipIf(!existsSync('/dev/full'))('stops at a full disk, and gives back the room it took', async () => {
  at.hub.offer(WHERE, BYTES);
  await symlink('/dev/full', `${destination()}.part`);
  await expect(download()).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('is full'),
    cause: { code: 'ENOSPC' },
  });
  expect(await readdir(at.folder)).toEqual([]);
});
