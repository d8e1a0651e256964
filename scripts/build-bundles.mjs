// Bundles what Node runs, with the packages it uses, into dist: one file for each program, and what is loaded when it is
// needed in files of its own, so that a role reads a few dozen files and not thousands.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
/** Programs: the command line, and what `compiledEntry` starts as processes and threads. */
const PROGRAMS = ['src/main', 'src/storage/embedded/pglite-thread', 'workers/engine/main'];
/** Packages that find files of theirs by the place of their code, or that hold machine code: they stay where they are. */
const STAY = ['node-llama-cpp', '@electric-sql/pglite', 'msgpackr-extract'];
/**
 * Code in these asks where it lies as well, on ways that Parley never takes: threads of pino's, processes of BullMQ's,
 * threads for shards, traces of statements.
 */
const ASK_IN_VAIN = [
  '@bull-board/api',
  '@discordjs/ws',
  'bullmq',
  'commander',
  'ejs',
  'ioredis',
  'msgpackr',
  'pino',
  'thread-stream',
  'undici',
];
const ASKS_WHERE_IT_LIES =
  /\b(?:__dirname|__filename|require\.resolve|import\.meta\.(?:url|dirname|filename))\b/;
const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/;

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(PROGRAMS.map((program) => [program, `${program}.ts`])),
  platform: 'node',
  preserveEntrySignatures: 'allow-extension',
  tsconfig: 'tsconfig.json',
  transform: { target: 'node20.19' },
  external: STAY.map((name) => new RegExp(`^${name}(?:/|$)`)),
  onLog(level, log, handle) {
    // discord.js has a way to evaluate text, and a package that it would use if it were there. Both are known.
    const known = log.code === 'EVAL' || log.message.includes("'zlib-sync'");
    if (!known) handle(level === 'warn' ? 'error' : level, log);
  },
});
const { output } = await bundle.generate({
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: ({ name }) =>
    name.startsWith('packages') ? 'packages/[hash].js' : 'chunks/[name]-[hash].js',
  comments: { legal: true, annotation: false, jsdoc: false },
  // What runs on import runs in the order of the sources, however they are divided among files.
  strictExecutionOrder: true,
  // Packages lie apart from our own code, whose maps are then small enough to be read at every start.
  codeSplitting: {
    groups: [
      { name: 'packages', test: /node_modules/, entriesAware: true, includeDependenciesRecursively: false },
    ],
  },
  sourcemap: true,
  sourcemapExcludeSources: true,
});
await bundle.close();

const chunks = output.filter((file) => file.type === 'chunk');
const asking = new Set(
  chunks
    .flatMap(({ modules }) => Object.entries(modules))
    .filter(([, { code }]) => code !== null && ASKS_WHERE_IT_LIES.test(code))
    .map(([id]) => PACKAGE.exec(id)?.[1]),
);
const unknown = [...asking].filter((name) => name !== undefined && !ASK_IN_VAIN.includes(name));
if (unknown.length > 0)
  throw new Error(
    `${unknown.join(', ')}: finds files by the place of its code. Bundle it only where that does no harm.`,
  );

for (const folder of ['src', 'workers', 'chunks', 'packages'])
  await rm(path.join(dist, folder), { recursive: true, force: true });
const ofPackages = ({ fileName }) => fileName.startsWith('packages/');
for (const file of output) {
  if (file.type === 'asset' && ofPackages(file)) continue;
  const name = path.join(dist, file.fileName);
  const text = file.type === 'asset' ? file.source : file.code;
  await mkdir(path.dirname(name), { recursive: true });
  await writeFile(name, ofPackages(file) ? text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n') : text);
}
