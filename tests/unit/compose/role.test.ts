import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

/** Every file of ours that is loaded with `entry`: what is imported for its types alone, or when needed, is not. */
async function loadedWith(entry: string, seen = new Set<string>()): Promise<ReadonlySet<string>> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const source = await readFile(path.join(PACKAGE_ROOT, entry), 'utf8');
  for (const [, specifier] of source.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)\.js';/gm)) {
    const file = `${path.join(path.dirname(entry), specifier ?? '')}.ts`;
    if (existsSync(path.join(PACKAGE_ROOT, file))) await loadedWith(file, seen);
  }
  return seen;
}

const runsModels = (file: string) =>
  /^workers\/|model-router\.ts$|^src\/compose\/(?:models|worker)\.ts$/.test(file);

test('a role that runs no model loads nothing that does', async () => {
  const loaded = [...(await loadedWith('src/compose/role.ts'))];
  expect(loaded).toEqual(
    expect.arrayContaining(['src/compose/gateway.ts', 'adapters/web/server/health-server.ts']),
  );
  expect(loaded.filter(runsModels)).toEqual([]);
  expect([...(await loadedWith('src/compose/parley.ts'))].filter(runsModels)).not.toEqual([]);
});

/** Every source of ours in the built file `bundle`, and in what is loaded with it. */
async function bundledWith(bundle: string, seen = new Set<string>()): Promise<readonly string[]> {
  if (seen.has(bundle)) return [];
  seen.add(bundle);
  const map = await readFile(`${bundle}.map`, 'utf8').catch(() => null);
  const sources =
    map === null ? [] : z.object({ sources: z.array(z.string()) }).parse(JSON.parse(map)).sources;
  const own = sources.map((source) =>
    path.relative(PACKAGE_ROOT, path.resolve(path.dirname(bundle), source)),
  );
  const code = await readFile(bundle, 'utf8');
  const others = [...code.matchAll(/^(?:import|export) (?:[^;'"]*? from )?"(\.[^"]+)";/gm)];
  for (const [, specifier] of others)
    own.push(...(await bundledWith(path.join(path.dirname(bundle), specifier ?? ''), seen)));
  return own;
}

test('nor do the files that the build made of it', async () => {
  const chunks = path.join(PACKAGE_ROOT, 'dist/chunks');
  const names = await readdir(chunks);
  const bundleOf = (module: string) =>
    path.join(chunks, names.find((name) => new RegExp(`^${module}-[^.]+\\.js$`).test(name)) ?? module);
  const role = await bundledWith(bundleOf('role'));
  expect(role).toEqual(
    expect.arrayContaining(['src/compose/gateway.ts', 'adapters/web/server/health-server.ts']),
  );
  expect(role.filter(runsModels)).toEqual([]);
  expect((await bundledWith(bundleOf('start'))).filter(runsModels)).not.toEqual([]);
});
