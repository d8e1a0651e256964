import { expect, test } from 'vitest';
import { type FileChange, KnownFiles } from '../../../../src/models/catalog/known-files.js';
import type { CatalogItem } from '../../../../src/models/catalog/model-catalog.js';

const item = (alias: string, state: CatalogItem['state'], bytes: number | null): CatalogItem => ({
  ...{ alias, state, bytes },
  description: '',
  runs: 'local',
  path: null,
  file: null,
});
const ITEMS = [
  item('here', 'present', 700),
  item('stated', 'not-downloaded', 900),
  item('new', 'not-downloaded', null),
];
const open = (onChange?: (alias: string, change: FileChange) => void) => new KnownFiles(ITEMS, onChange);

/** Tells in `seen` what it is told. */
function openSeen() {
  const seen: string[] = [];
  const files = open((alias, change) => seen.push(`${alias} ${change}`));
  return { files, seen };
}

test('a file’s size is that on the disk, or what its source states', () => {
  const files = open();
  expect(['here', 'stated', 'new', 'other'].map((alias) => files.of(alias))).toEqual([
    { sizeBytes: 700 },
    { sizeBytes: 900 },
    {},
    {},
  ]);
  expect(files.isAbsent('here')).toBe(false);
  expect(files.isAbsent('stated')).toBe(true);
});

test('getting a file shows how far it has come, and what is known of it afterwards', async () => {
  const files = open();
  await files.getting('new', async (onProgress) => {
    onProgress({ phase: 'waiting', bytes: 0, totalBytes: null });
    expect(files.of('new')).toEqual({});
    onProgress({ phase: 'downloading', bytes: 250, totalBytes: 1_000 });
    expect(files.of('new')).toEqual({ sizeBytes: 1_000, progress: 0.25 });
    onProgress({ phase: 'verifying', bytes: 1_200, totalBytes: 1_000 });
    expect(files.of('new').progress).toBe(1);
    return { bytes: 1_000 };
  });
  expect(files.of('new')).toEqual({ sizeBytes: 1_000 });
  expect(files.isAbsent('new')).toBe(false);
});

test('a file that could not be got is absent, and nothing of it goes on', async () => {
  const files = open();
  const getting = files.getting('stated', async (onProgress) => {
    onProgress({ phase: 'downloading', bytes: 450, totalBytes: 900 });
    throw new Error('the line is dead');
  });
  await expect(getting).rejects.toThrow('the line is dead');
  expect(files.of('stated')).toEqual({ sizeBytes: 900 });
  expect(files.isAbsent('stated')).toBe(true);
});

test('who is interested is told of files that this process gets and deletes', async () => {
  const { files, seen } = openSeen();
  await files.getting('new', async () => ({ bytes: 1_000 }));
  files.gone('here');
  await files.getting('stated', () => Promise.reject(new Error('no'))).catch(() => {});
  expect(seen).toEqual(['new came', 'here gone']);
});

test('a look finds what came and went by other hands, once', async () => {
  const { files, seen } = openSeen();
  const now = [
    item('here', 'not-downloaded', 700),
    item('stated', 'present', 901),
    item('new', 'hosted', null),
  ];
  expect(await files.look(async () => now)).toBe(now);
  await files.look(async () => now);
  expect(seen).toEqual(['here gone', 'stated came']);
  expect([files.isAbsent('here'), files.isAbsent('stated'), files.of('stated')]).toEqual([
    true,
    false,
    { sizeBytes: 901 },
  ]);
});

test('a look does not take a file for whole that is being got, nor go by a list that is older than it', async () => {
  const { files, seen } = openSeen();
  await files.getting('new', async () => {
    await files.look(async () => [item('new', 'present', 10)]);
    expect(seen).toEqual([]);
    return { bytes: 1_000 };
  });
  await files.look(async () => {
    await files.getting('stated', async () => ({ bytes: 900 }));
    return [item('stated', 'not-downloaded', 900)];
  });
  expect(seen).toEqual(['new came', 'stated came']);
});
