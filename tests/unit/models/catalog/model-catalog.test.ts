import { mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostedModelEntry, ModelSource } from '../../../../src/domain/models/model-entry.js';
import type { DownloadProgress } from '../../../../src/models/download/download-progress.js';
import type { ModelHub } from '../../../doubles/model-hub/model-hub.js';
import { sha256 } from '../../../doubles/model-hub/model-hub.js';
import type { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { local, no, type OpenCatalog, openCatalog, never as signal, yes } from './open-catalog.js';

let hub: ModelHub;
let folder: string;
let model: Buffer;
let log: RecordedLog;
let catalogOf: OpenCatalog['catalogOf'];
let stop: OpenCatalog['stop'];

beforeEach(async () => {
  ({ hub, folder, model, log, catalogOf, stop } = await openCatalog());
});

afterEach(() => stop());

const onHub = (changes: { sha256?: string; file?: string } = {}): ModelSource => ({
  type: 'hugging-face',
  repository: 'owner/name',
  file: 'model.gguf',
  revision: 'main',
  ...changes,
});

const offer = () => hub.offer('owner/name/resolve/main/model.gguf', model);

test('uses a file that is on this machine, without asking any server', async () => {
  const file = path.join(folder, 'scripted.gguf');
  const catalog = catalogOf([local('mine', onHub(), { type: 'file', path: file })]);
  expect(await catalog.resolve('mine', no)).toMatchObject({
    alias: 'mine',
    path: file,
    sha256: sha256(model),
  });
  expect(hub.requests).toEqual([]);
});

test('gets a file once, and finds it the next time without reading it', async () => {
  offer();
  const got = await catalogOf([local('mine', onHub())]).resolve('mine', yes);
  expect((await readFile(got.path)).equals(model)).toBe(true);
  const progress: DownloadProgress[] = [];
  const again = await catalogOf([local('mine', onHub())]).resolve('mine', {
    ...no,
    onProgress: (step) => progress.push(step),
  });
  expect(again.path).toBe(got.path);
  expect(progress).toEqual([]);
  expect(hub.requests).toHaveLength(2);
});

test('goes to the next source where one fails, and says so in the log', async () => {
  hub.put('mirror/model.gguf', model);
  const url = `${hub.storageUrl}/mirror/model.gguf?key=secret`;
  const catalog = catalogOf([local('mine', onHub(), { type: 'url', url, sha256: sha256(model) })]);
  await catalog.resolve('mine', yes);
  const warned = log.lines.filter(({ level }) => level === 'warn');
  expect(warned).toHaveLength(1);
  expect(warned[0]?.fields).toMatchObject({ model: 'mine', reason: expect.stringContaining('no such file') });
  expect(JSON.stringify(log.lines)).not.toContain('secret');
});

test('says in one sentence what to do where no source gives the file', async () => {
  const missing = { type: 'file', path: path.join(folder, 'none.gguf') } as const;
  const catalog = catalogOf([local('mine', missing, onHub())]);
  const failure = await catalog.resolve('mine', yes).catch((error: unknown) => error);
  expect(failure).toMatchObject({ kind: 'model-missing', retryable: false });
  const message = failure instanceof Error ? failure.message : '';
  for (const words of [
    'none.gguf does not exist',
    'no such file',
    'npx parley models pull mine',
    'PARLEY_MODEL',
  ])
    expect(message).toContain(words);
  expect(message).not.toContain('\n');
});

test('a broken file is told once: in the failure, and in the log only where another source helps', async () => {
  const broken = { type: 'file', path: path.join(folder, 'broken.gguf') } as const;
  await writeFile(broken.path, 'no model');
  const failure = catalogOf([local('mine', broken)]).resolve('mine', yes);
  await expect(failure).rejects.toThrow(
    /^The model mine cannot be used \(.*broken\.gguf is not a GGUF file\): put/,
  );
  expect(log.lines).toEqual([]);

  offer();
  await catalogOf([local('mine', broken, onHub())]).resolve('mine', yes);
  const warned = log.lines.filter(({ level }) => level === 'warn');
  expect(warned).toMatchObject([{ fields: { from: broken.path } }]);
});

test('downloads nothing where that is not allowed', async () => {
  offer();
  await expect(catalogOf([local('mine', onHub())]).resolve('mine', no)).rejects.toMatchObject({
    kind: 'model-missing',
    message: expect.stringContaining('npx parley models pull mine'),
  });
  expect(hub.requests).toEqual([]);
});

test('replaces a downloaded file that was cut short meanwhile', async () => {
  offer();
  const catalog = catalogOf([local('mine', onHub())]);
  const { path: file } = await catalog.resolve('mine', yes);
  await truncate(file, model.length - 10);
  await expect(catalog.resolve('mine', no)).rejects.toThrow('cut short');
  const again = await catalog.resolve('mine', yes);
  expect((await readFile(again.path)).equals(model)).toBe(true);
});

test('replaces a downloaded file whose bytes changed, though nothing pins it', async () => {
  offer();
  const catalog = catalogOf([local('mine', onHub())]);
  const { path: file } = await catalog.resolve('mine', yes);
  const bad = Buffer.from(model);
  bad[bad.length - 20] = (bad[bad.length - 20] ?? 0) ^ 0xff;
  await writeFile(file, bad);
  await utimes(file, 1, 1);
  await expect(catalog.resolve('mine', no)).rejects.toThrow('is damaged');
  await catalog.resolve('mine', yes);
  expect((await readFile(file)).equals(model)).toBe(true);
});

test.each([
  ['nothing', Buffer.alloc(0), 'is not a GGUF file'],
  ['a web page', Buffer.from('<html>'), 'is not a GGUF file'],
  ['a bare beginning', Buffer.from('GGUF\x03\x00\x00\x00', 'latin1'), 'cut short'],
])('refuses a local file that holds %s', async (_, bytes, words) => {
  const file = path.join(folder, 'bad.gguf');
  await writeFile(file, bytes);
  await expect(catalogOf([local('mine', { type: 'file', path: file })]).resolve('mine', yes)).rejects.toThrow(
    words,
  );
});

test('refuses a download that is what its source promises but no model', async () => {
  hub.offer('owner/name/resolve/main/model.gguf', Buffer.from('not a model'));
  const catalog = catalogOf([local('mine', onHub())]);
  await expect(catalog.resolve('mine', yes)).rejects.toThrow('is not a GGUF file');
  expect((await readdir(path.join(folder, 'models'))).filter((name) => name.endsWith('.gguf'))).toEqual([]);
});

test('keeps files of another pin apart', async () => {
  offer();
  const first = await catalogOf([local('mine', onHub())]).resolve('mine', yes);
  const second = await catalogOf([local('mine', onHub({ sha256: sha256(model) }))]).resolve('mine', yes);
  expect(second.path).not.toBe(first.path);
});

test('two who want the same file at once get it once', async () => {
  offer();
  hub.faults.push({ type: 'stall', after: 1000 });
  const phases = new Set<string>();
  const first = catalogOf([local('mine', onHub())]).resolve('mine', {
    ...yes,
    onProgress: () => {},
  });
  const second = catalogOf([local('mine', onHub())]).resolve('mine', {
    ...yes,
    onProgress: ({ phase }: DownloadProgress) => {
      phases.add(phase);
      if (phase === 'waiting') hub.dropConnections();
    },
  });
  const [one, two] = await Promise.all([first, second]);
  expect(one.path).toBe(two.path);
  expect(hub.sent).toBeLessThanOrEqual(model.length + 1000);
  expect(log.lines.filter(({ message }) => message === 'getting a model')).toHaveLength(1);
});

test('a lock left by a dead process holds nobody up', async () => {
  offer();
  const probe = catalogOf([local('mine', onHub())]);
  const { path: file } = await probe.resolve('mine', yes);
  await rm(file);
  await mkdir(`${file}.lock`);
  await utimes(`${file}.lock`, 1, 1);
  await probe.resolve('mine', yes);
  expect((await stat(file)).size).toBe(model.length);
});

test('an abort while waiting for another process ends the wait', async () => {
  offer();
  const catalog = catalogOf([local('mine', onHub())]);
  const { path: file } = await catalog.resolve('mine', yes);
  await rm(file);
  await mkdir(`${file}.lock`);
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = catalog.resolve('mine', {
    allowDownload: true,
    signal: controller.signal,
    onProgress: ({ phase }: DownloadProgress) => {
      if (phase === 'waiting') controller.abort(reason);
    },
  });
  await expect(waiting).rejects.toBe(reason);
});

test('stops at a full disk in place of trying the next source', async () => {
  offer();
  const second = onHub({ file: 'other.gguf' });
  const catalog = catalogOf([local('mine', onHub(), second)], { freeBytes: async () => 10 });
  await expect(catalog.resolve('mine', yes)).rejects.toMatchObject({ kind: 'setup' });
  expect(hub.requests).toHaveLength(2);
});

test('names the models there are where one is unknown', async () => {
  await expect(catalogOf([local('mine')]).resolve('yours', yes)).rejects.toMatchObject({
    kind: 'bad-input',
    message: 'There is no model called yours; there are auto, mine.',
  });
});

test('a hosted model has no file', async () => {
  const hosted: HostedModelEntry = {
    runs: 'hosted',
    alias: 'house',
    description: '',
    contextSize: null,
    sampling: {},
    fallback: [],
    api: 'openai',
    model: 'x',
    baseUrl: null,
    apiKey: null,
    provider: null,
    concurrency: 1,
    limits: {},
    beginsInReasoning: null,
  };
  const catalog = catalogOf([hosted]);
  expect(await catalog.list()).toEqual([
    { alias: 'house', description: '', runs: 'hosted', state: 'hosted', bytes: null, path: null, file: null },
  ]);
  await expect(catalog.resolve('house', yes)).rejects.toMatchObject({ kind: 'bad-input' });
  expect(await catalog.check('house', signal)).toEqual({ alias: 'house', state: 'hosted' });
});

test('a check reads the file, whatever was found before', async () => {
  offer();
  const catalog = catalogOf([local('mine', onHub())]);
  expect(await catalog.check('mine', signal)).toEqual({ alias: 'mine', state: 'absent' });
  const { path: file } = await catalog.resolve('mine', yes);
  expect(await catalog.check('mine', signal)).toMatchObject({
    state: 'whole',
    file: { sha256: sha256(model) },
  });
  await utimes(file, 1000, 1000);
  await catalog.resolve('mine', no);
  const bad = Buffer.from(model);
  bad[bad.length - 20] = (bad[bad.length - 20] ?? 0) ^ 0xff;
  await writeFile(file, bad);
  await utimes(file, 1000, 1000);
  await catalog.resolve('mine', no); // Same length, same time: taken as it was.
  expect(await catalog.check('mine', signal)).toMatchObject({ state: 'damaged' });
});
