import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalModelEntry } from '../../../../src/domain/models/model-entry.js';
import { catalogEntries } from '../../../../src/models/catalog/catalog-entries.js';
import { DEFAULTS, local, no, type OpenCatalog, openCatalog } from './open-catalog.js';

let folder: string;
let catalogOf: OpenCatalog['catalogOf'];
let stop: OpenCatalog['stop'];

beforeEach(async () => {
  ({ folder, catalogOf, stop } = await openCatalog());
});

afterEach(() => stop());

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
