import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetStates, StateCache } from '../../../../workers/engine/state-cache.js';
import { deferred } from '../../../doubles/deferred.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'parley-states-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A process that was killed while it saved: the file of a conversation has its unfinished name. */
async function leaveUnfinished(cache: StateCache, cacheKey: string): Promise<void> {
  let saved = '';
  const sequence = {
    nextTokenIndex: 100,
    saveStateToFile: async (file: string) => {
      saved = file;
      await writeFile(file, 'what was said');
      return { fileSize: 13 };
    },
  };
  await cache.save(cacheKey, sequence);
  await rename(saved.replace(/\.tmp$/, ''), saved);
}

const filesBelow = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

test('a state whose saving was cut off goes when the cache opens again', async () => {
  const cache = new StateCache(root, 'a model', 1e6);
  await cache.open();
  await leaveUnfinished(cache, '7');
  expect(await filesBelow()).toHaveLength(1);
  await new StateCache(root, 'a model', 1e6).open();
  expect(await filesBelow()).toEqual([]);
});

test('a forgotten conversation loses what was half saved of it too', async () => {
  const cache = new StateCache(root, 'a model', 1e6);
  await cache.open();
  await leaveUnfinished(cache, '7');
  await forgetStates(root, '7');
  expect(await filesBelow()).toEqual([]);
});

test('what is forgotten while it is saved is gone when the forgetting has ended', async () => {
  const cache = new StateCache(root, 'a model', 1e6);
  await cache.open();
  const [begun, released] = [deferred(), deferred()];
  const saving = cache.save('7', {
    nextTokenIndex: 100,
    saveStateToFile: async (file) => {
      begun.resolve();
      await released.promise;
      await writeFile(file, 'what was said');
      return { fileSize: 13 };
    },
  });
  await begun.promise;
  const forgetting = cache.forget('7');
  released.resolve();
  await forgetting;
  expect(await filesBelow()).toEqual([]);
  expect(await saving).toBe(false);
  expect(await filesBelow()).toEqual([]);
});
