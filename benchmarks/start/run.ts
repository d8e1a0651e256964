import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { PACKAGE_ROOT } from '../../src/process/compiled-entry.js';
import { type BenchRow, formatRows, median } from '../bench-row.js';
import { circumstances } from '../load/circumstances.js';
import { STUB_CONFIGURATION, stubEnvironment } from '../load/stub-model.js';
import { startToReady, startToRefusal } from './one-start.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    beside: { type: 'string' },
    write: { type: 'boolean' },
  },
});
const before = circumstances();
const builds = [
  { name: 'this build', root: PACKAGE_ROOT },
  ...(values.beside === undefined ? [] : [{ name: 'the other build', root: path.resolve(values.beside) }]),
];
/** Nothing answers there: no question is asked. */
const env = stubEnvironment('http://127.0.0.1:9/v1');
const folder = await mkdtemp(path.join(tmpdir(), 'parley-bench-start-'));
const figures = new Map<string, number[]>();
const note = (name: string, value: number) => figures.set(name, [...(figures.get(name) ?? []), value]);

try {
  await writeFile(path.join(folder, 'parley.config.yaml'), stringify(STUB_CONFIGURATION));
  const dataDir = path.join(folder, 'data');
  await startToReady({ root: PACKAGE_ROOT, folder, env: { ...env, PARLEY_DATA_DIR: dataDir } });
  // One build after the other in each round: what the machine does beside it meets both.
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { name, root } of builds) {
      const imports = await startToRefusal({
        root,
        folder,
        env: { ...env, PARLEY_DATA_DIR: '/dev/null/data' },
      });
      note(`${name}: imports, processor`, imports.processorMs);
      const ready = await startToReady({ root, folder, env: { ...env, PARLEY_DATA_DIR: dataDir } });
      note(`${name}: to ready, processor`, ready.processorMs);
      note(`${name}: to ready, wall clock`, ready.wallMs);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const rows: BenchRow[] = [...figures].map(([name, times]) => ({
  name,
  value: median(times) / 1_000,
  unit: 's',
  ...(name === 'this build: imports, processor' ? { target: { atMost: 0.5 } } : {}),
  note: times.map((ms) => (ms / 1_000).toFixed(2)).join(', '),
}));
if (builds.length === 2)
  for (const what of ['imports, processor', 'to ready, processor', 'to ready, wall clock']) {
    const [own = [], other = []] = builds.map(({ name }) => figures.get(`${name}: ${what}`));
    rows.push({ name: `ratio: ${what}`, value: median(own) / median(other), unit: '' });
  }
const report = `# How long a start takes

Written by \`npm run bench:start -- --write\`, with \`--beside CHECKOUT\` where another build is named.

${before}

\`parley start\` with a hosted model, on a data folder that is there. **Imports**: the processor time of a start that is
refused as soon as all is loaded, Node's own 0.04 s among it. **To ready**: until it says that it runs. Medians of
${values.rounds}; the rounds of the builds alternate. Wall clocks hold on a quiet machine only, their ratio roughly on a busy one.

${formatRows(rows)}
`;
console.log(report);
if (values.write) await writeFile(path.join(PACKAGE_ROOT, 'benchmarks', 'START.md'), report);
