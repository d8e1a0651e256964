import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, from source and from compiled code alike. */
export const PACKAGE_ROOT = findPackageRoot(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Path of a compiled module, for child processes and worker threads: those run plain Node, which reads no TypeScript.
 *
 * @param module - below the repository's root, without extension: `workers/engine/main`
 * @throws {Error} where the project was not built
 */
export function compiledEntry(module: string): string {
  const entry = path.join(PACKAGE_ROOT, 'dist', `${module}.js`);
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run "npm run build"`);
  return entry;
}

function findPackageRoot(start: string): string {
  let folder = start;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${start}`);
    folder = parent;
  }
  return folder;
}
