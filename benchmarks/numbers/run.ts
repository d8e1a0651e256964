import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { DAY_MS } from '../../src/domain/time/duration.js';
import type { NumbersQuery } from '../../src/ports/numbers/numbers.js';
import { PACKAGE_ROOT } from '../../src/process/compiled-entry.js';
import { systemClock } from '../../src/process/system-clock.js';
import type { Database } from '../../src/storage/database/database.js';
import { openServer } from '../../src/storage/database/open-server.js';
import { openEmbedded } from '../../src/storage/embedded/open-embedded.js';
import { PrismaNumbersStore } from '../../src/storage/numbers/numbers-store.js';
import { freshDatabase } from '../../tests/doubles/storage/fresh-database.js';
import { type BenchRow, formatRows, median, quantile } from '../bench-row.js';
import { LOG } from '../load/backend.js';
import { circumstances } from '../load/circumstances.js';
import { mergeSections } from '../load/load-report.js';
import { storeYear } from './stored-year.js';

const HEAD = `# Numbers

Written by \`npm run bench:numbers\`: how long it takes to read what the page of numbers shows, once the days are added
up. Each figure is of reads one after another, as the API makes them: the 95th percentile, and in the note the median.
They are those of the machine named, as busy as it is said to have been.`;

const SERVER = process.env['DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres';
const READS = 40;
const TARGET_MS = 300;

const BACKENDS = {
  servers: { title: 'PostgreSQL', open: openOwnServer },
  embedded: { title: 'The embedded database', open: openOwnFolder },
} as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'servers' },
    turns: { type: 'string', default: '1000000' },
    short: { type: 'boolean', default: false },
  },
});
const turns = values.short ? 5_000 : Number(values.turns);
const backend = Object.entries(BACKENDS).find(([name]) => name === values.only)?.[1];
if (!backend) throw new Error(`no backend ${values.only}: ${Object.keys(BACKENDS).join(', ')}`);

const { database, close } = await backend.open();
try {
  const rows = await measure(database);
  const table = formatRows(rows);
  console.log(table);
  if (!values.short) await report(backend.title, table);
} finally {
  await close();
}

async function measure({ pool, prisma }: Database): Promise<readonly BenchRow[]> {
  const numbers = new PrismaNumbersStore(prisma);
  console.log(`storing ${turns} turns …`);
  await storeYear(pool, turns);
  console.log('adding up …');
  const times: number[] = [];
  for (let due = await numbers.due(); due.length > 0; due = await numbers.due()) {
    for (const day of due) times.push(await timed(() => numbers.rollUp(day)));
  }
  const rows: BenchRow[] = [
    {
      name: 'adding up a day',
      ...figures(times),
      note: `median ${median(times).toFixed(0)} ms, ${times.length} days`,
    },
  ];
  await pool.query('VACUUM ANALYZE').catch(() => {}); // as the server does by itself before long
  for (const days of [7, 30, 90, 365]) rows.push(await readOf(numbers, `${days} days`, days));
  rows.push(
    await readOf(numbers, '365 days of one platform and model', 365, { platform: 'slack', model: 'small' }),
  );
  rows.push(await readOf(numbers, '365 days with names', 365, { names: true }));
  return rows;
}

async function readOf(
  numbers: PrismaNumbersStore,
  name: string,
  days: number,
  more: Partial<NumbersQuery> = {},
): Promise<BenchRow> {
  const from = dayOf(Date.now() - (days - 1) * DAY_MS);
  const query = { from, to: dayOf(Date.now()), platform: null, model: null, names: false, ...more };
  const times: number[] = [];
  for (let nth = 0; nth < READS; nth += 1) times.push(await timed(() => numbers.read(query)));
  const note = `median ${median(times).toFixed(0)} ms of ${READS} reads`;
  return { name, ...figures(times), note, target: { atMost: TARGET_MS } };
}

function figures(times: readonly number[]) {
  return { value: quantile(times, 0.95), unit: 'ms' };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

async function report(title: string, table: string): Promise<void> {
  const file = path.join(PACKAGE_ROOT, 'benchmarks', 'NUMBERS.md');
  const written = await readFile(file, 'utf8').catch(() => '');
  const titles = Object.values(BACKENDS).map((each) => each.title);
  const text = `${turns.toLocaleString('en')} turns. ${circumstances()}\n\n${table}`;
  await writeFile(file, mergeSections(written, titles, title, text, HEAD));
}

async function openOwnServer() {
  const fresh = await freshDatabase(SERVER);
  const database = await openServer({ url: fresh.url, clock: systemClock, log: LOG });
  const close = async () => {
    await database.stop();
    await fresh.drop();
  };
  return { database, close };
}

async function openOwnFolder() {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-numbers-'));
  const database = await openEmbedded({ dataDir, clock: systemClock, log: LOG });
  const close = async () => {
    await database.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { database, close };
}
