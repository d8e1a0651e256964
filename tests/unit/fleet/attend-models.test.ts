import { expect, onTestFinished, test } from 'vitest';
import type { ModelAction, ModelReport } from '../../../src/domain/models/model-report.js';
import { localReports } from '../../../src/exchange/local-reports.js';
import { attendModels } from '../../../src/fleet/attend-models.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { modelOf } from '../../fixtures/model-report.js';

/** A worker called `one` whose one model is as `model` says, and which does nothing. */
async function open() {
  const clock = new FakeClock();
  const local = localReports(clock);
  const carried: [ModelAction, string][] = [];
  const worker = { model: modelOf({}), says: 0, failing: false, carriesOut: async () => true };
  const upkeep = {
    report: async (): Promise<readonly ModelReport[]> => [worker.model],
    carryOut: (action: ModelAction, alias: string) => {
      carried.push([action, alias]);
      return worker.carriesOut();
    },
  };
  const reports = {
    ...local,
    orders: {
      ...local.orders,
      done: async (id: string) => {
        if (worker.failing) throw new Error('Redis is away');
        await local.orders.done(id);
      },
    },
    workers: {
      ...local.workers,
      report: async (...said: Parameters<typeof local.workers.report>) => {
        if (worker.failing) throw new Error('Redis is away');
        worker.says++;
        await local.workers.report(...said);
      },
    },
  };
  const startedAt = clock.now();
  const attending = attendModels('one', { upkeep, reports, clock, log: new RecordedLog() });
  onTestFinished(() => attending.stop());
  await clock.advance(0);
  const shown = async () => (await local.workers.all()).get('one');
  return { clock, local, carried, worker, attending, startedAt, shown };
}

test('says at once how its models are, and again before that runs out', async () => {
  const { clock, worker, startedAt, shown } = await open();
  expect(await shown()).toEqual({ startedAt, models: [modelOf({})] });
  await clock.advance(4_000);
  expect(worker.says).toBe(1);
  await clock.advance(60_000);
  expect(worker.says).toBeGreaterThan(8);
  expect(await shown()).toBeDefined();
});

test('says within a second what has changed', async () => {
  const { clock, worker, shown } = await open();
  worker.model = modelOf({ state: 'pulling', progress: 0.5 });
  await clock.advance(1_000);
  expect((await shown())?.models).toEqual([worker.model]);
});

test('has orders carried out within a second, its own alone', async () => {
  const { clock, local, carried } = await open();
  await local.orders.give({ worker: 'one', alias: 'small', action: 'load' });
  await local.orders.give({ worker: 'two', alias: 'small', action: 'delete' });
  await clock.advance(1_000);
  expect(carried).toEqual([['load', 'small']]);
});

const LOAD = { worker: 'one', alias: 'small', action: 'load' } as const;

test('carries out an order once, which is open until that is done', async () => {
  const { clock, local, worker, carried } = await open();
  let finish = (_done: boolean) => {};
  worker.carriesOut = () => new Promise<boolean>((resolve) => (finish = resolve));
  await local.orders.give(LOAD);
  await clock.advance(5_000);
  expect(carried).toEqual([['load', 'small']]);
  expect(await local.orders.open()).toMatchObject([{ ...LOAD, taken: true }]);
  worker.failing = true;
  finish(true);
  await clock.advance(5_000);
  expect(await local.orders.open()).toMatchObject([{ ...LOAD, taken: true }]);
  worker.failing = false;
  await clock.advance(1_000);
  expect(await local.orders.open()).toEqual([]);
  expect(carried).toEqual([['load', 'small']]);
});

test('begins an order again that could not be begun', async () => {
  const { clock, local, worker, carried } = await open();
  worker.carriesOut = () => Promise.reject(new Error('the folder cannot be read'));
  await local.orders.give(LOAD);
  await clock.advance(1_000);
  worker.carriesOut = async () => true;
  await clock.advance(2_000);
  expect(carried).toHaveLength(2);
  expect(await local.orders.open()).toEqual([]);
});

test.each([
  ['leaves open what it gave up as it stopped', false],
  ['says as it stops what is done by then', true],
])('%s', async (_, done) => {
  const { clock, local, worker, attending } = await open();
  let finish = (_done: boolean) => {};
  worker.carriesOut = () => new Promise<boolean>((resolve) => (finish = resolve));
  await local.orders.give(LOAD);
  await clock.advance(1_000);
  finish(done);
  await attending.stop();
  expect(await local.orders.open()).toMatchObject(done ? [] : [{ ...LOAD, taken: true }]);
});

test('goes on after a report that could not be given', async () => {
  const { clock, worker, shown } = await open();
  worker.failing = true;
  worker.model = modelOf({ state: 'loaded' });
  await clock.advance(2_000);
  expect((await shown())?.models).toEqual([modelOf({})]);
  worker.failing = false;
  await clock.advance(1_000);
  expect((await shown())?.models).toEqual([modelOf({ state: 'loaded' })]);
});

test('is gone once it stops', async () => {
  const { attending, shown } = await open();
  await attending.stop();
  expect(await shown()).toBeUndefined();
});
