import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../../src/process/make-folder.js';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'make-folder-'));
});
afterEach(() => rm(parent, { recursive: true }));

test('makes a folder and those above it, for this user alone, however many ask at once', async () => {
  const folder = path.join(parent, 'one', 'two', 'three');
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
  await makeFolder(folder);
  for (const each of [folder, path.dirname(folder)]) {
    const { mode } = await stat(each);
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o700);
  }
});

test.skipIf(process.platform === 'win32')('takes a link to a folder for one', async () => {
  await makeFolder(path.join(parent, 'real'));
  await symlink(path.join(parent, 'real'), path.join(parent, 'link'));
  await makeFolder(path.join(parent, 'link'));
  await makeFolder(path.join(parent, 'link', 'inside'));
  expect((await stat(path.join(parent, 'real', 'inside'))).isDirectory()).toBe(true);
});

test('says where it failed, and what to do', async () => {
  const file = path.join(parent, 'file');
  await writeFile(file, '');
  for (const folder of [file, path.join(file, 'data', 'models')])
    await expect(makeFolder(folder)).rejects.toMatchObject({
      kind: 'setup',
      message: expect.stringMatching(/cannot be made \((EEXIST|ENOTDIR) at .*set PARLEY_DATA_DIR/),
    });
});

// Node's recursive mkdir runs in circles there.
test.skipIf(process.platform !== 'linux')('fails at once on a file system that takes no folder', async () => {
  await expect(makeFolder('/proc/parley/data')).rejects.toMatchObject({
    message: expect.stringContaining('(ENOENT at /proc/parley)'),
  });
});
