import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';
import { PACKAGE_ROOT } from '../src/process/compiled-entry.js';
import { benchAcceptance } from './acceptance.js';
import { type BenchRow, formatRows } from './bench-row.js';
import { benchDecode } from './decode.js';
import { benchGateway } from './gateway.js';

const SECTIONS: readonly { readonly title: string; readonly run: () => Promise<BenchRow[]> }[] = [
  { title: 'Gateway and delivery', run: benchGateway },
  { title: 'Accepting messages', run: benchAcceptance },
  { title: 'Local inference', run: benchDecode },
];

const sections: string[] = [];
for (const { title, run } of SECTIONS) {
  console.log(`\n${title} …`);
  const table = formatRows(await run());
  console.log(table);
  sections.push(`## ${title}\n\n${table}`);
}
const gigabytes = Math.round(totalmem() / 2 ** 30);
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${gigabytes} GiB, ${type()} ${release()}, Node ${process.version}`;
const peak = `Peak memory of the process that ran all of it: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB.`;
const written = [
  '# Benchmark results',
  `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}.`,
  `Machine: ${machine}.`,
  'Figures that compare are ratios within one run, alternated and repeated; the value is the median.',
  ...sections,
  peak,
];
await writeFile(path.join(PACKAGE_ROOT, 'benchmarks', 'RESULTS.md'), `${written.join('\n\n')}\n`);
