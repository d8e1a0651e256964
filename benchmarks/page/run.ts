import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem, type } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/process/compiled-entry.js';
import { formatRows } from '../bench-row.js';
import { benchPageStream } from './page-stream.js';

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const [before = 0] = loadavg();
const table = formatRows(await benchPageStream(values.short));
console.log(table);
const [after = 0] = loadavg();
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, no graphics card, ${type()}, Node ${process.version}`;
const report = `# The page under a fast stream

Written by \`npm run bench:page\` on ${new Date().toISOString().slice(0, 10)}.

Machine: ${machine}; ${before.toFixed(1)} processes wanted a processor before, ${after.toFixed(1)} at the end (average of a minute), this benchmark's own among them.

A headless Chromium shows an answer of 2,000 tokens at 200 a second, Markdown with prose, lists, tables and code, that
Parley streams from a model double; Parley and the double run on the same machine. Frames are the intervals of
\`requestAnimationFrame\`; a late one took more than 1.5 times the middle one of the same page standing still, which is
measured before each answer. A busy machine makes frames late whatever the page
does; what its main thread took of a processor, read from a trace, does not count what other processes took.

${table}
`;
// A short run has too few rounds to be kept.
if (!values.short) await writeFile(path.join(PACKAGE_ROOT, 'benchmarks', 'PAGE.md'), report);
