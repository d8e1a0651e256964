import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  /** Compressed when it was built; by the name of the coding. */
  readonly codings: ReadonlyMap<'br' | 'gzip', Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const CODINGS = [
  ['.br', 'br'],
  ['.gz', 'gzip'],
] as const;

/** Where the build puts the page. */
export const PAGE_FOLDER = pathToFileURL(path.join(PACKAGE_ROOT, 'dist/adapters/web/page/'));

/**
 * All files of the built page by their path in `folder`, as in `assets/main-1a2b.js`. Empty where it is not built.
 * Files of no known type are left out.
 */
export async function readPageFiles(folder: URL): Promise<ReadonlyMap<string, PageFile>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const known = new Set(names);
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const read = (ending: string) => readFile(new URL(name + ending, folder));
    const codings = new Map<'br' | 'gzip', Buffer>();
    for (const [ending, coding] of CODINGS) {
      if (known.has(name + ending)) codings.set(coding, await read(ending));
    }
    files.set(name.split(path.sep).join('/'), { type, plain: await read(''), codings });
  }
  return files;
}
