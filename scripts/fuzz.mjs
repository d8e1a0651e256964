// Runs the tests in tests/hostile with thousands of inputs each: npm run fuzz -- [--seed 7] [--inputs 8000] [--minutes 15]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** Inputs that a run must have tried in all. */
const LEAST_INPUTS = 100_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    inputs: { type: 'string', default: '8000' },
    minutes: { type: 'string', default: '15' },
  },
});
const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
const counts = path.join(folder, 'counts');
process.stdout.write(`seed ${values.seed}\n`);

const child = spawn('npx', ['vitest', 'run', 'tests/hostile'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_INPUTS: values.inputs, FUZZ_SEED: values.seed, FUZZ_COUNTS: counts },
  detached: true,
});
const limit = setTimeout(() => {
  process.stdout.write(`stopped after ${values.minutes} minutes\n`);
  process.kill(-child.pid, 'SIGKILL');
}, Number(values.minutes) * 60_000);
const code = await new Promise((resolve) => child.once('exit', resolve));
clearTimeout(limit);

const lines = existsSync(counts)
  ? readFileSync(counts, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true });
for (const { what, inputs, slowestMs } of lines.sort((a, b) => a.what.localeCompare(b.what)))
  process.stdout.write(
    `${String(inputs).padStart(8)} inputs, slowest ${String(slowestMs).padStart(4)} ms  ${what}\n`,
  );
const total = lines.reduce((sum, { inputs }) => sum + inputs, 0);
process.stdout.write(
  `${String(total).padStart(8)} inputs in all, ${lines.length} properties hold, seed ${values.seed}\n`,
);
if (code === 0 && total < LEAST_INPUTS)
  process.stdout.write(`fewer than ${LEAST_INPUTS}: give more --inputs\n`);
process.exitCode = code === 0 && total >= LEAST_INPUTS ? 0 : 1;
