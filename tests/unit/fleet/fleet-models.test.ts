import { describe, expect, test } from 'vitest';
import type { ModelReport } from '../../../src/domain/models/model-report.js';
import { localReports } from '../../../src/exchange/local-reports.js';
import { asWorkersHaveIt, fleetModels } from '../../../src/fleet/fleet-models.js';
import type { ModelSummary } from '../../../src/ports/models/model-router.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { modelOf } from '../../fixtures/model-report.js';

const SERVED: ModelSummary = {
  ...{ alias: 'small', description: 'A small one.', runs: 'local', contextWindow: null },
  ...{ state: 'ready', isDefault: true },
};
const UNSERVED: ModelSummary = { ...SERVED, state: 'unavailable' };
const absent = { state: 'missing', file: null } as const;
const pulling = { state: 'pulling', file: null } as const;

describe('a model of a fleet', () => {
  test.each<[string, Partial<ModelReport>[], Partial<ModelSummary>]>([
    [
      'is loaded where any worker has it loaded',
      [{}, { state: 'loaded' }, { state: 'loading' }],
      { state: 'ready', loaded: true },
    ],
    ['is ready where its file is', [absent, {}], { state: 'ready', loaded: false }],
    [
      'is being loaded, as far as the furthest worker is',
      [{}, { state: 'loading', progress: 0.25 }, { state: 'loading', progress: 0.5 }, { state: 'loading' }],
      { state: 'loading', progress: 0.5, loaded: false },
    ],
    ['is being loaded, nobody knows how far', [{ state: 'loading' }], { state: 'loading', loaded: false }],
    [
      'is being pulled, as far as the furthest worker is',
      [absent, { ...pulling, progress: 0.75 }, { ...pulling, progress: 0.5 }],
      { state: 'not-downloaded', progress: 0.75, loaded: false },
    ],
    [
      'is not downloaded where no worker has it',
      [absent, { state: 'failed', file: null }],
      { state: 'not-downloaded', loaded: false },
    ],
    [
      'does not count as loaded where it answers nobody',
      [{ state: 'loaded', served: false }, {}],
      { state: 'ready', loaded: false },
    ],
  ])('that is served %s', (_, reports, expected) => {
    const told = asWorkersHaveIt(SERVED, reports.map(modelOf));
    const { state, progress, loaded } = told;
    expect({ state, loaded, ...(progress !== undefined && { progress }) }).toEqual(expected);
  });

  test('that no worker serves is loaded nowhere, and shown on its way where one pulls it', () => {
    const served = modelOf({ state: 'loaded' });
    expect(asWorkersHaveIt(UNSERVED, [served])).toMatchObject({ state: 'unavailable', loaded: false });
    const ordered = modelOf({ ...pulling, progress: 0.5, served: false });
    expect(asWorkersHaveIt(UNSERVED, [ordered])).toMatchObject({ state: 'not-downloaded', progress: 0.5 });
  });

  test('is as this process knows it while those that serve it say nothing', () => {
    expect(asWorkersHaveIt(SERVED, [])).toEqual(SERVED);
    expect(asWorkersHaveIt(SERVED, [modelOf({ ...absent, served: false, sizeBytes: null })])).toEqual(SERVED);
    expect(asWorkersHaveIt(UNSERVED, [])).toEqual(UNSERVED);
  });

  test('that is hosted is nowhere in memory', () => {
    const hosted: ModelSummary = { ...SERVED, runs: 'hosted' };
    expect(asWorkersHaveIt(hosted, [modelOf({ runs: 'hosted', state: 'hosted', file: null })])).toEqual(
      hosted,
    );
  });

  test('has the size of a file that is there, and the window that every worker grants', () => {
    const reports = [
      modelOf({ ...absent, sizeBytes: 7, contextWindow: null }),
      modelOf({ sizeBytes: 8, contextWindow: 4096 }),
      modelOf({ sizeBytes: 8, contextWindow: 2048, state: 'loaded' }),
      modelOf({ sizeBytes: 8, contextWindow: 512, served: false }),
    ];
    expect(asWorkersHaveIt({ ...SERVED, contextWindow: 8192 }, reports)).toMatchObject({
      sizeBytes: 8,
      contextWindow: 2048,
    });
  });
});

test('what workers said last holds while they cannot be heard', async () => {
  const { workers } = localReports(new FakeClock());
  const reach = { away: false };
  const log = new RecordedLog();
  const models = fleetModels({
    directory: { models: () => [SERVED, { ...SERVED, alias: 'auto' }] },
    workers: {
      all: async () => {
        if (reach.away) throw new Error('Redis is away');
        return workers.all();
      },
    },
    log,
  });
  const loaded = async () => (await models()).map((model) => model.loaded);
  expect(await loaded()).toEqual([undefined, undefined]);
  await workers.report('one', { startedAt: 0, models: [modelOf({ state: 'loaded' })] }, 15_000);
  expect(await loaded()).toEqual([true, undefined]);
  reach.away = true;
  await workers.withdraw('one');
  expect(await loaded()).toEqual([true, undefined]);
  expect(log.lines).toHaveLength(1);
  reach.away = false;
  expect(await loaded()).toEqual([undefined, undefined]);
});
