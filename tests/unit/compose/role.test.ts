import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
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

const runsModels = (file: string) => /^workers\/|model-router\.ts$|compose-(?:models|worker)\.ts$/.test(file);

test('a role that runs no model loads nothing that does', async () => {
  const loaded = [...(await loadedWith('src/compose/role.ts'))];
  expect(loaded).toEqual(
    expect.arrayContaining(['src/compose/gateway.ts', 'adapters/web/server/health-server.ts']),
  );
  expect(loaded.filter(runsModels)).toEqual([]);
  expect([...(await loadedWith('src/compose/parley.ts'))].filter(runsModels)).not.toEqual([]);
});
