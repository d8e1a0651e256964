import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { composeQueue } from '../../src/compose/queue.js';
import { composeStorage } from '../../src/compose/storage.js';
import { composeWakeUps } from '../../src/compose/wake-ups.js';
import type { StopStack } from '../../src/process/stop-stack.js';
import { systemClock } from '../../src/process/system-clock.js';
import { type BenchRow, median } from '../bench-row.js';
import { freshBackend, LOG, withStops } from './backend.js';
import { ProcessorMeter } from './processor-time.js';
import { questionIn } from './stored-turns.js';
import { STUB_CONFIGURATION, startStubModel, stubEnvironment } from './stub-model.js';
import { startWorkers } from './worker-processes.js';

const COUNTS = [1, 2, 4] as const;
const LONG = { rounds: 3, turns: 400 };
const SHORT = { rounds: 1, turns: 150 };
/** Turns before each measurement, for each process: connections open, code is compiled. */
const WARM_UP = 20;
/** Turns recorded at once. */
const LANES = 16;
/** Between the stub's tokens: a reply takes 0.3 s, so that a worker waits more than it computes. */
const PACE_MS = 25;
const LOOK_MS = 20;

/** Of one measurement. */
interface Rate {
  readonly perSecond: number;
  /** Milliseconds of processor time for each turn. */
  readonly workers: number;
  readonly database: number;
  readonly redis: number;
}

/** Turns a second of worker processes on PostgreSQL and Redis; the questions wait for them in the database. */
export function benchTurnRate(short: boolean): Promise<BenchRow[]> {
  return withStops(async (stops) => {
    const { rounds, turns } = short ? SHORT : LONG;
    const bench = await prepare(stops);
    const rates = new Map<number, Rate[]>(COUNTS.map((count) => [count, []]));
    for (let round = 0; round < rounds; round++)
      for (const count of COUNTS) rates.get(count)?.push(await bench.measure(count, turns));
    const of = (count: number, key: keyof Rate) => median((rates.get(count) ?? []).map((rate) => rate[key]));
    const cost = (key: keyof Rate) => COUNTS.map((count) => of(count, key).toFixed(1)).join(', ');
    const each = 'with 1, 2 and 4 worker processes';
    return [
      ...COUNTS.map((count) => ({
        name: `turns, ${count} worker process${count === 1 ? '' : 'es'}`,
        value: of(count, 'perSecond'),
        unit: '/s',
        note: `${(of(count, 'perSecond') / of(1, 'perSecond')).toFixed(2)} of one`,
      })),
      {
        name: 'a turn, processor time of its worker',
        value: of(1, 'workers'),
        unit: 'ms',
        note: `${cost('workers')} ${each}`,
      },
      {
        name: 'a turn, processor time of PostgreSQL',
        value: of(1, 'database'),
        unit: 'ms',
        note: `${cost('database')} ${each}`,
      },
      {
        name: 'a turn, processor time of Redis',
        value: of(1, 'redis'),
        unit: 'ms',
        note: `${cost('redis')} ${each}`,
      },
    ];
  });
}

async function prepare(stops: StopStack) {
  const model = await startStubModel(PACE_MS);
  stops.add(() => model.close());
  const backend = await freshBackend('servers', stops);
  const { folder, config } = backend;
  await writeFile(path.join(folder, 'parley.config.yaml'), stringify(STUB_CONFIGURATION));
  const env = { ...stubEnvironment(model.url), ...backend.env };
  const deps = { clock: systemClock, log: LOG };
  const { database, stores, stop } = await composeStorage(config, { ...deps, onForgotten: () => {} });
  stops.add(stop);
  const queue = composeQueue(config, database, deps);
  stops.add(() => queue.stop());
  const wakeUps = composeWakeUps(queue, null); // every worker answers every question
  const meter = await ProcessorMeter.open(backend.env['DATABASE_URL'] ?? '', backend.env['REDIS_URL'] ?? '');
  stops.add(() => meter.close());

  async function askAll(turns: number): Promise<void> {
    let next = 0;
    const lane = async () => {
      while (next < turns) {
        const channel = `rate-${next++}`;
        const recorded = await stores.recorder.record(questionIn(channel, channel), 'channel');
        await wakeUps.add({ conversationId: recorded.conversationId });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    while ((await meter.unfinished()) > 0) await delay(LOOK_MS);
  }

  return {
    async measure(count: number, turns: number): Promise<Rate> {
      const workers = await startWorkers(count, folder, env);
      try {
        await askAll(WARM_UP * count);
        const before = await meter.read(workers.pids);
        const began = performance.now();
        await askAll(turns);
        const perSecond = (turns / (performance.now() - began)) * 1_000;
        const after = await meter.read(workers.pids);
        const used = (key: 'workers' | 'database' | 'redis') => (after[key] - before[key]) / turns;
        return { perSecond, workers: used('workers'), database: used('database'), redis: used('redis') };
      } finally {
        await workers.stop();
      }
    },
  };
}
