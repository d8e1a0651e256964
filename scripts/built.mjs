// Whether `dist` is what these sources build, so that nothing is built twice.
//
// node scripts/built.mjs begin   before a build: remembers what is about to be built
// node scripts/built.mjs end     after it
// node scripts/built.mjs fresh   exits with 0 where nothing has changed since, else with 1
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.dirname(import.meta.dirname);
const FOLDERS = ['src', 'workers', 'adapters', 'prisma', 'scripts'];
const FILES = ['package-lock.json', 'package.json', 'prisma.config.ts', 'tsconfig.json'];
/** Made by the build itself. */
const MADE = path.join('src', 'storage', 'generated');
const UNFINISHED = path.join(ROOT, 'dist', '.building');
const FINISHED = path.join(ROOT, 'dist', '.built');

switch (process.argv[2]) {
  case 'begin':
    mkdirSync(path.dirname(FINISHED), { recursive: true });
    rmSync(FINISHED, { force: true });
    writeFileSync(UNFINISHED, fingerprint());
    break;
  case 'end':
    renameSync(UNFINISHED, FINISHED);
    break;
  case 'fresh':
    process.exitCode = isFresh() ? 0 : 1;
    break;
  default:
    throw new Error('begin, end or fresh?');
}

function isFresh() {
  const there = [FINISHED, path.join(ROOT, MADE)].every((made) => existsSync(made));
  return there && readFileSync(FINISHED, 'utf8') === fingerprint();
}

/** Of names and contents: a fresh clone's times say nothing. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [
    ...FOLDERS.flatMap(filesIn),
    ...FILES.filter((name) => existsSync(path.join(ROOT, name))),
  ]) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(MADE))
    .sort();
}
