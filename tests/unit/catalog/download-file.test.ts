import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { downloadFile } from '../../../src/models/download/download-file.js';
import type { DownloadProgress } from '../../../src/models/download/download-progress.js';
import type { DownloadTools } from '../../../src/models/download/download-tools.js';
import type { RemoteFile } from '../../../src/models/download/transfer.js';
import { systemClock } from '../../../src/system-clock.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { ModelHub, sha256 } from '../../doubles/model-hub/model-hub.js';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
const WHERE = 'owner/name/resolve/main/model.gguf';

let hub: ModelHub;
let folder: string;

beforeEach(async () => {
  hub = await ModelHub.start();
  folder = await mkdtemp(path.join(os.tmpdir(), 'download-'));
});

afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true, force: true });
});

const tools = (changes: Partial<DownloadTools> = {}): DownloadTools => ({
  clock: systemClock,
  freeBytes: async () => 1e12,
  limits: { connectMs: 2000, stallMs: 10_000, attempts: 4, backoffMs: 1 },
  signal: new AbortController().signal,
  onProgress: () => {},
  ...changes,
});

const fromHub = (changes: Partial<RemoteFile> = {}): RemoteFile => ({
  url: `${hub.url}/${WHERE}`,
  token: null,
  sha256: null,
  bytes: null,
  ...changes,
});

const fromStorage = (file: string, changes: Partial<RemoteFile> = {}): RemoteFile =>
  fromHub({ url: `${hub.storageUrl}/${file}`, ...changes });

const destination = () => path.join(folder, 'model.gguf');
const download = (remote = fromHub(), changes: Partial<DownloadTools> = {}) =>
  downloadFile(remote, destination(), tools(changes));

async function expectWhole(): Promise<void> {
  expect((await readFile(destination())).equals(BYTES)).toBe(true);
  expect(await readdir(folder)).toEqual(['model.gguf']);
}

const refusals = (status: number) => Array.from({ length: 4 }, () => ({ type: 'status', status }) as const);

/** A download that was broken off for good after so many bytes. */
async function leavePart(bytes: number): Promise<void> {
  hub.faults.push({ type: 'stall', after: bytes }, ...refusals(500));
  const onProgress = (progress: { bytes: number }) => progress.bytes === bytes && hub.dropConnections();
  await expect(download(fromHub(), { onProgress })).rejects.toThrow('500');
}

test('gets a file, checks it against what the hub states, and leaves nothing else behind', async () => {
  hub.offer(WHERE, BYTES);
  const seen: string[] = [];
  const got = await download(fromHub(), { onProgress: ({ phase }) => seen.push(phase) });
  expect(got).toEqual({ sha256: sha256(BYTES), bytes: BYTES.length });
  expect(new Set(seen)).toEqual(new Set(['downloading', 'verifying']));
  await expectWhole();
});

test('shows the token to the hub, and never to where the hub redirects', async () => {
  hub.offer(WHERE, BYTES);
  await download(fromHub({ token: 'hf_secret' }));
  const [first, second] = hub.requests;
  expect(first).toMatchObject({ server: 'hub', headers: { authorization: 'Bearer hf_secret' } });
  expect(second?.server).toBe('storage');
  expect(JSON.stringify(second?.headers)).not.toContain('hf_secret');
});

test('goes on where a dropped connection left off', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'stall', after: 100_000 }, { type: 'stall', after: 50_000 });
  const drops = new Set([100_000, 150_000]);
  await download(fromHub(), { onProgress: ({ bytes }) => drops.delete(bytes) && hub.dropConnections() });
  await expectWhole();
  expect(hub.sent).toBe(BYTES.length);
  expect(hub.requests.at(-1)?.headers.range).toBe('bytes=150000-');
});

test('goes on where an aborted download left off', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'stall', after: 100_000 });
  const controller = new AbortController();
  const reason = new Error('enough');
  const running = download(fromHub(), {
    signal: controller.signal,
    onProgress: ({ bytes }) => bytes >= 100_000 && controller.abort(reason),
  });
  await expect(running).rejects.toBe(reason);
  expect((await stat(`${destination()}.part`)).size).toBe(100_000);
  await download();
  await expectWhole();
  expect(hub.requests.at(-1)?.headers.range).toBe('bytes=100000-');
});

test('goes on with another source of the same file', async () => {
  hub.offer(WHERE, BYTES);
  hub.put('mirror.gguf', BYTES);
  hub.faults.push({ type: 'stall', after: 200_000 }, ...refusals(503));
  await expect(
    download(fromHub(), {
      onProgress: ({ bytes }: DownloadProgress) => bytes === 200_000 && hub.dropConnections(),
    }),
  ).rejects.toThrow('503');
  hub.faults.length = 0;
  await download(fromStorage('mirror.gguf', { sha256: sha256(BYTES) }));
  await expectWhole();
  expect(hub.requests.at(-1)?.headers.range).toBe('bytes=200000-');
});

test('starts again where the file behind an address has changed', async () => {
  const old = Buffer.alloc(BYTES.length, 'o');
  hub.put('model.gguf', old, { 'repr-digest': digest(old) });
  hub.faults.push({ type: 'stall', after: 1000 }, ...refusals(503));
  await expect(
    download(fromStorage('model.gguf'), {
      onProgress: ({ bytes }: DownloadProgress) => bytes === 1000 && hub.dropConnections(),
    }),
  ).rejects.toThrow('503');
  expect((await stat(`${destination()}.part`)).size).toBe(1000);
  hub.faults.length = 0;
  hub.put('model.gguf', BYTES, { 'repr-digest': digest(BYTES) });
  await download(fromStorage('model.gguf'));
  await expectWhole();
});

test('starts again where a server ignores the range', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'cut', after: 100_000 }, { type: 'whole' });
  await download();
  await expectWhole();
});

test('takes what an earlier try left only for what it says it is', async () => {
  hub.offer(WHERE, BYTES);
  await writeFile(`${destination()}.part`, 'something else');
  await download();
  await expectWhole();
  expect(hub.requests.at(-1)?.headers.range).toBeUndefined();
});

test('starts again, once, where bytes left by an earlier try turn out bad', async () => {
  hub.offer(WHERE, BYTES);
  await leavePart(100_000);
  hub.faults.length = 0;
  await writeFile(`${destination()}.part`, Buffer.alloc(100_000, 'x'));
  await download();
  await expectWhole();
});

test('finds a partial file that is whole already', async () => {
  hub.offer(WHERE, BYTES);
  await leavePart(100_000);
  hub.faults.length = 0;
  await writeFile(`${destination()}.part`, BYTES);
  await download();
  await expectWhole();
  expect(hub.sent).toBe(100_000);
});

test.each([
  ['pinned', { sha256: 'a'.repeat(64) }],
  ['stated', {}],
])('refuses a file that is not the %s one, and keeps none of it', async (_, pin) => {
  hub.offer(WHERE, BYTES, { stated: 'b'.repeat(64) });
  await expect(download(fromHub(pin))).rejects.toMatchObject({ kind: 'model-missing', retryable: false });
  expect(await readdir(folder)).toEqual([]);
});

test('refuses a file of another length before it comes', async () => {
  hub.offer(WHERE, BYTES);
  await expect(download(fromHub({ bytes: 7 }))).rejects.toThrow('300000 bytes in place of 7');
  expect(await readdir(folder)).toEqual([]);
});

test('waits as long as a busy server asks', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'status', status: 429, headers: { 'retry-after': '7' } });
  const clock = new FakeClock();
  const running = download(fromHub(), { clock });
  await awaitCondition(() => clock.sleeping === 1);
  await clock.advance(6_999);
  expect(hub.requests).toHaveLength(2);
  await clock.advance(1);
  await running;
  await expectWhole();
});

test('gives a server up that asks to wait longer than is worth it', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'status', status: 429, headers: { 'retry-after': '3600' } });
  await expect(download()).rejects.toThrow('come back in 3600 s');
});

test('waits longer after each fault, and gives up after the fourth', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push(...Array.from({ length: 9 }, () => ({ type: 'status', status: 502 }) as const));
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
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'status', status });
  await expect(download()).rejects.toThrow(words);
  expect(hub.requests).toHaveLength(2);
});

test('gives a silent server up', async () => {
  hub.offer(WHERE, BYTES);
  hub.faults.push({ type: 'stall', after: 10 }, { type: 'stall', after: 0 });
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
  hub.put('x', BYTES);
  hub.faults.push({ type: 'status', status: 302, headers: { location: 'http://example.org/x.gguf' } });
  await expect(download(fromStorage('x'))).rejects.toThrow('http://example.org is not https');
});

test('follows no endless redirects', async () => {
  hub.put('x', BYTES);
  hub.faults.push(
    ...Array.from(
      { length: 9 },
      () => ({ type: 'status', status: 302, headers: { location: '/x' } }) as const,
    ),
  );
  await expect(download(fromStorage('x'))).rejects.toThrow('redirects without end');
});

test('takes the checksum that lies beside the file', async () => {
  hub.put('model.gguf', BYTES);
  hub.put('model.gguf.sha256', Buffer.from(`${sha256(BYTES)}  model.gguf\n`));
  await download(fromStorage('model.gguf'));
  await expectWhole();
});

test('refuses a file of which no checksum is known', async () => {
  hub.put('model.gguf', BYTES);
  await expect(download(fromStorage('model.gguf'))).rejects.toThrow('give sha256 with this source');
  expect(await readdir(folder)).toEqual([]);
});

test('asks for room before it begins', async () => {
  hub.offer(WHERE, BYTES);
  const failed = download(fromHub(), { freeBytes: async () => BYTES.length });
  await expect(failed).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('PARLEY_DATA_DIR'),
  });
  expect(await readdir(folder)).toEqual([]);
});

// Every write to /dev/full fails as on a full disk. Only some systems have it.
test.skipIf(!existsSync('/dev/full'))('stops at a full disk, and gives back the room it took', async () => {
  hub.offer(WHERE, BYTES);
  await symlink('/dev/full', `${destination()}.part`);
  await expect(download()).rejects.toMatchObject({
    kind: 'setup',
    message: expect.stringContaining('is full'),
    cause: { code: 'ENOSPC' },
  });
  expect(await readdir(folder)).toEqual([]);
});

function digest(bytes: Buffer): string {
  return `sha-256=:${Buffer.from(sha256(bytes), 'hex').toString('base64')}:`;
}
