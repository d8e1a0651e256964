import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelReport } from '../../../src/domain/model-report.js';
import type { Reports } from '../../../src/ports/reports.js';
import { localReports } from '../../../src/queue/local-reports.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { modelOf } from '../../fixtures/model-report.js';
import { noAdministration } from './no-administration.js';
import { openWeb } from './open-web.js';

const STARTED = Date.UTC(2026, 0, 2);

let clock: FakeClock;
let reports: Reports;
let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  clock = new FakeClock();
  reports = localReports(clock);
  open = await openWeb({ administration: { ...noAdministration(), reports } });
});
afterEach(() => open.close());

const worker = (name: string, ...models: ModelReport[]) =>
  reports.workers.report(name, { startedAt: STARTED, models }, 900_000);
const shown = async () => (await open.send('GET', '/api/admin/models')).json();

describe('models', () => {
  test('are none where no worker runs', async () => {
    expect(await shown()).toEqual({ workers: [] });
  });

  test('are shown as every worker has them', async () => {
    await worker('two', modelOf({ state: 'pulling', progress: 0.25, doing: 'pull', file: null }));
    const checked = { at: STARTED, ok: false, problem: 'It is damaged: pull it again.' };
    await worker('one', modelOf({ state: 'failed', checked, problem: checked.problem, served: false }));
    expect(await shown()).toEqual({
      workers: [
        {
          worker: 'one',
          started_at: '2026-01-02T00:00:00.000Z',
          models: [
            {
              alias: 'small',
              description: 'A small one.',
              runs: 'local',
              state: 'failed',
              size_bytes: 98_000_000,
              context_window: 4096,
              progress: null,
              problem: 'It is damaged: pull it again.',
              checked: { ...checked, at: '2026-01-02T00:00:00.000Z' },
              doing: null,
              ordered: null,
              uses: 0,
              deletable: true,
              served: false,
            },
          ],
        },
        {
          worker: 'two',
          started_at: '2026-01-02T00:00:00.000Z',
          models: [
            expect.objectContaining({ state: 'pulling', progress: 0.25, doing: 'pull', deletable: false }),
          ],
        },
      ],
    });
  });
});
