import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/process/compiled-entry.js';
import { type BenchRow, formatRows } from '../bench-row.js';
import { circumstances } from './circumstances.js';
import { benchCostOfTurn } from './cost-of-turn.js';
import { mergeSections } from './load-report.js';
import { benchMessageRate } from './message-rate.js';
import { benchSoak } from './soak.js';
import { benchTurnRate } from './turn-rate.js';

interface Section {
  readonly title: string;
  readonly run: (short: boolean) => Promise<readonly BenchRow[]>;
}

const SECTIONS: Readonly<Record<string, Section>> = {
  turns: { title: 'Turns a second', run: benchTurnRate },
  messages: { title: 'Messages a second', run: benchMessageRate },
  soak: { title: 'Memory over a soak', run: benchSoak },
  cost: { title: 'Cost of a turn', run: benchCostOfTurn },
};

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const chosen = values.only ?? Object.keys(SECTIONS);
const report = path.join(PACKAGE_ROOT, 'benchmarks', 'LOAD.md');

for (const key of chosen) {
  const section = SECTIONS[key];
  if (!section) throw new Error(`no section ${key}: ${Object.keys(SECTIONS).join(', ')}`);
  console.log(`\n${section.title} …`);
  const table = formatRows(await section.run(values.short));
  console.log(table);
  if (values.short) continue; // too few rounds to be kept
  const written = await readFile(report, 'utf8').catch(() => '');
  const text = `${circumstances()}\n\n${table}`;
  await writeFile(
    report,
    mergeSections(
      written,
      Object.values(SECTIONS).map(({ title }) => title),
      section.title,
      text,
    ),
  );
}
