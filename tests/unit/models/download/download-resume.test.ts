import { stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { DownloadProgress } from '../../../../src/models/download/download-progress.js';
import { sha256 } from '../../../doubles/model-hub/model-hub.js';
import { BYTES, refusals, WHERE, withDownloads } from './with-downloads.js';

const at = withDownloads();
const { download, destination, expectWhole, fromHub, fromStorage, leavePart } = at;

test('goes on where a dropped connection left off', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'stall', after: 100_000 }, { type: 'stall', after: 50_000 });
  const drops = new Set([100_000, 150_000]);
  await download(fromHub(), { onProgress: ({ bytes }) => drops.delete(bytes) && at.hub.dropConnections() });
  await expectWhole();
  expect(at.hub.sent).toBe(BYTES.length);
  expect(at.hub.requests.at(-1)?.headers.range).toBe('bytes=150000-');
});

test('goes on where an aborted download left off', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'stall', after: 100_000 });
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
  expect(at.hub.requests.at(-1)?.headers.range).toBe('bytes=100000-');
});

test('goes on with another source of the same file', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.put('mirror.gguf', BYTES);
  at.hub.faults.push({ type: 'stall', after: 200_000 }, ...refusals(503));
  await expect(
    download(fromHub(), {
      onProgress: ({ bytes }: DownloadProgress) => bytes === 200_000 && at.hub.dropConnections(),
    }),
  ).rejects.toThrow('503');
  at.hub.faults.length = 0;
  await download(fromStorage('mirror.gguf', { sha256: sha256(BYTES) }));
  await expectWhole();
  expect(at.hub.requests.at(-1)?.headers.range).toBe('bytes=200000-');
});

test('starts again where the file behind an address has changed', async () => {
  const old = Buffer.alloc(BYTES.length, 'o');
  at.hub.put('model.gguf', old, { 'repr-digest': digest(old) });
  at.hub.faults.push({ type: 'stall', after: 1000 }, ...refusals(503));
  await expect(
    download(fromStorage('model.gguf'), {
      onProgress: ({ bytes }: DownloadProgress) => bytes === 1000 && at.hub.dropConnections(),
    }),
  ).rejects.toThrow('503');
  expect((await stat(`${destination()}.part`)).size).toBe(1000);
  at.hub.faults.length = 0;
  at.hub.put('model.gguf', BYTES, { 'repr-digest': digest(BYTES) });
  await download(fromStorage('model.gguf'));
  await expectWhole();
});

test('starts again where a server ignores the range', async () => {
  at.hub.offer(WHERE, BYTES);
  at.hub.faults.push({ type: 'cut', after: 100_000 }, { type: 'whole' });
  await download();
  await expectWhole();
});

test('takes what an earlier try left only for what it says it is', async () => {
  at.hub.offer(WHERE, BYTES);
  await writeFile(`${destination()}.part`, 'something else');
  await download();
  await expectWhole();
  expect(at.hub.requests.at(-1)?.headers.range).toBeUndefined();
});

test('starts again, once, where bytes left by an earlier try turn out bad', async () => {
  at.hub.offer(WHERE, BYTES);
  await leavePart(100_000);
  at.hub.faults.length = 0;
  await writeFile(`${destination()}.part`, Buffer.alloc(100_000, 'x'));
  await download();
  await expectWhole();
});

test('finds a partial file that is whole already', async () => {
  at.hub.offer(WHERE, BYTES);
  await leavePart(100_000);
  at.hub.faults.length = 0;
  await writeFile(`${destination()}.part`, BYTES);
  await download();
  await expectWhole();
  expect(at.hub.sent).toBe(100_000);
});

function digest(bytes: Buffer): string {
  return `sha-256=:${Buffer.from(sha256(bytes), 'hex').toString('base64')}:`;
}
