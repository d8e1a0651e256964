// Builds the web page into dist, each file beside its compressed forms, so that no request pays for compressing.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('../adapters/web/page/', import.meta.url));
const outDir = fileURLToPath(new URL('../dist/adapters/web/page/', import.meta.url));

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  base: '/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir,
    emptyOutDir: true,
    // Nothing inline: the page's policy allows files of its own alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // Grammars of code and plots are large, and load when needed.
    chunkSizeWarningLimit: 1_000,
  },
});

const compressors = {
  '.br': (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
    }),
  '.gz': (bytes) => promisify(gzip)(bytes, { level: 9 }),
};
const files = await readdir(outDir, { recursive: true, withFileTypes: true });
for (const file of files.filter((entry) => entry.isFile())) {
  const name = path.join(file.parentPath, file.name);
  const bytes = await readFile(name);
  for (const [ending, compress] of Object.entries(compressors))
    await writeFile(name + ending, await compress(bytes));
}
