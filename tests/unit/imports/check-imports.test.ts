import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

const SCRIPT = path.join(PACKAGE_ROOT, 'scripts/check-imports.mjs');

function check(root: string): {
  readonly faults: readonly string[];
  readonly said: string;
  readonly ok: boolean;
} {
  const { status, stderr, stdout } = spawnSync(process.execPath, [SCRIPT, '--root', root], {
    encoding: 'utf8',
  });
  return { faults: stderr.split(/\n(?! )/).filter((line) => line !== ''), said: stdout, ok: status === 0 };
}

/** What the check says of some modules that it does not say of none of them: rooms that have a row and no module. */
async function faultsOf(modules: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'parley-imports-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const files = { 'workers/engine/main.ts': '', 'adapters/web/page/main.tsx': '', ...modules };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(root, path.dirname(name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  await mkdir(path.join(root, 'src'), { recursive: true });
  await cp(path.join(PACKAGE_ROOT, 'docs'), path.join(root, 'docs'), { recursive: true });
  return check(root).faults.filter((fault) => !fault.includes('and no module'));
}

const DOMAIN = { 'src/domain/turn.ts': 'export const TURN = 1; export type Turn = string;' };

test('sees every module and import of this repository, and finds no fault', async () => {
  const { faults, said, ok } = check(PACKAGE_ROOT);
  expect(faults).toEqual([]);
  expect(ok).toBe(true);
  const [, modules = 0, imports = 0] = (/^(\d+) modules, (\d+) imports/.exec(said) ?? []).map(Number);
  const listed = await Promise.all(
    ['src', 'workers', 'adapters'].map((folder) =>
      readdir(path.join(PACKAGE_ROOT, folder), { recursive: true }),
    ),
  );
  const code = listed.flat().filter((name) => /\.(ts|tsx)$/.test(name) && !name.includes('generated'));
  expect(modules).toBe(code.length);
  expect(modules).toBeGreaterThan(500);
  expect(imports).toBeGreaterThan(modules * 3);
});

test.each([
  ['an import', "import { TURN } from '../domain/turn.js';"],
  ['an import of a type', "import type { Turn } from '../domain/turn.js';"],
  ['an import in a type', "export type Same = import('../domain/turn.js').Turn;"],
  ['an import at run time', "export const later = () => import('../domain/turn.js');"],
  ['a re-export', "export { TURN } from '../domain/turn.js';"],
  ['an import for what it does', "import '../domain/turn.js';"],
])('allows what a row allows and nothing else: %s', async (_, text) => {
  expect(await faultsOf({ ...DOMAIN, 'src/pipeline/answer.ts': text })).toEqual([]);
  expect(
    await faultsOf({ ...DOMAIN, 'adapters/web/page/answer.ts': text.replace('../', '../../../src/') }),
  ).toEqual(['adapters/web/page/answer.ts imports src/domain/turn.ts']);
});

test('a room without a row may import nothing, and is named once', async () => {
  const text = "import { TURN } from '../domain/turn.js';";
  expect(await faultsOf({ ...DOMAIN, 'src/news/a.ts': text, 'src/news/b.ts': text })).toEqual([
    'src/news has no row in scripts/import-rules.mjs',
  ]);
});

test('a row below another is a room of its own', async () => {
  const modules = {
    'adapters/web/page/shown.ts': 'export const SHOWN = 1;',
    'adapters/web/http/answer.ts': "import { SHOWN } from '../page/shown.js';",
  };
  expect(await faultsOf(modules)).toEqual(['adapters/web/http/answer.ts imports adapters/web/page/shown.ts']);
});

test('packages are allowed by name, scope, or as part of Node', async () => {
  const modules = {
    'src/queue/a.ts': "import 'node:fs'; import 'bullmq'; import '@bull-board/api/bullMQAdapter';",
    'src/domain/b.ts': "import 'node:fs'; import 'bullmq-other';",
    'src/exchange/c.ts': "import { Redis } from 'ioredis/built'; import 'bullmq';",
  };
  expect(await faultsOf(modules)).toEqual([
    'src/domain/b.ts uses node:fs',
    'src/domain/b.ts uses bullmq-other',
    'src/exchange/c.ts uses bullmq',
  ]);
});

test('an import of what an expression names is not allowed', async () => {
  const text = 'export const load = (name: string) => import(name);';
  expect(await faultsOf({ 'src/compose/a.ts': text })).toEqual([
    'src/compose/a.ts uses what an expression names',
  ]);
});

test('names a file that is not there', async () => {
  expect(await faultsOf({ 'src/domain/a.ts': "import './gone.js';" })).toEqual([
    'src/domain/a.ts imports ./gone.js, which is not there',
  ]);
});

test('finds a circle of files, also by types alone', async () => {
  const modules = {
    'src/domain/a.ts': "import type { B } from './b.js'; export type A = B;",
    'src/domain/b.ts': "import type { A } from './a.js'; export type B = A;",
  };
  const [fault, ...others] = await faultsOf(modules);
  expect(others).toEqual([]);
  expect(fault).toContain('a circle in src/domain/:');
  expect(fault).toContain('src/domain/b.ts imports src/domain/a.ts');
});

test('finds a circle of rooms where no files make one', async () => {
  const modules = {
    'src/pipeline/reply/a.ts': "import '../answer/low.js';",
    'src/pipeline/answer/low.ts': '',
    'src/pipeline/answer/high.ts': "import '../reply/a.js';",
  };
  const [fault, ...others] = await faultsOf(modules);
  expect(others).toEqual([]);
  expect(fault).toContain('a circle in src/pipeline/:');
});
