import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MINUTE_MS } from '../../src/domain/time/duration.js';
import { type ChaosResult, type ChaosSettings, runChaos } from './chaos-run.js';
import { formatResults, isClean } from './report.js';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    mode: { type: 'string', multiple: true },
    seed: { type: 'string' },
    turns: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

const LONG = {
  turns: 1_100,
  limitMs: 20 * MINUTE_MS,
  conversations: { discord: 40, slack: 6 },
  faultEveryMs: { embedded: [3_000, 9_000], servers: [1_500, 5_000] },
  spoiledShare: 0.25,
} as const;
const SHORT = {
  turns: 50,
  // With a start of all processes and what is left to finish, about a minute in all.
  limitMs: 35_000,
  conversations: { discord: 16, slack: 4 },
  faultEveryMs: { embedded: [4_000, 9_000], servers: [1_000, 2_500] },
  spoiledShare: 0.3,
} as const;

const seed = values.seed ?? String(Math.floor(Math.random() * 1e9));
const base = values.short ? SHORT : LONG;
const turns = values.turns === undefined ? base.turns : Number(values.turns);
const databaseServer = process.env['DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres';
const folder = await mkdtemp(path.join(tmpdir(), 'parley-chaos-'));
console.log(`seed ${seed}`);

const results: ChaosResult[] = [];
for (const mode of modes(values.mode)) {
  console.log(`${mode}: logs and timeline in ${path.join(folder, mode)} …`);
  const ofMode = { mode, faultEveryMs: base.faultEveryMs[mode], folder: path.join(folder, mode) };
  results.push(await runChaos({ ...base, ...ofMode, turns, seed, databaseServer }));
  for (const finding of results.at(-1)?.findings ?? []) console.log(finding);
}
console.log(`\n${formatResults(results)}\n`);

if (!results.every(isClean)) {
  console.log(`What must be zero is not: run it again with --seed ${seed}.`);
  process.exitCode = 1;
} else if (!values.keep) {
  await rm(folder, { recursive: true, force: true });
}

function modes(chosen: readonly string[] = ['embedded', 'servers']): ChaosSettings['mode'][] {
  return chosen.map((mode) => {
    if (mode !== 'embedded' && mode !== 'servers') throw new Error(`no mode ${mode}: embedded or servers`);
    return mode;
  });
}
