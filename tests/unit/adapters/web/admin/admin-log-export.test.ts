import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LogExportReport, logExportState } from '../../../../../src/domain/log-export-report.js';
import { localReports } from '../../../../../src/exchange/local-reports.js';
import type { Reports } from '../../../../../src/ports/fleet/reports.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { noAdministration } from '../no-administration.js';
import { openWeb } from '../open-web.js';

const AT = Date.UTC(2026, 0, 2);
const MOMENT = '2026-01-02T00:00:00.000Z';
const NEW: LogExportReport = { origin: 'https://logs.example', lastSuccessAt: null, lastFailure: null };

let reports: Reports;
let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  reports = localReports(new FakeClock());
  open = await openWeb({ administration: { ...noAdministration(), reports } });
});
afterEach(() => open.close());

const shown = async () => (await open.send('GET', '/api/admin/log-export')).json();

test('is off where no worker posts logs', async () => {
  expect(await shown()).toEqual({
    ...{ state: 'off', origin: null, last_success_at: null, last_failure: null },
    processes: [],
  });
});

test('is as in the process that fares worst, and shown for each', async () => {
  const lastFailure = { at: AT, reason: 'LOGGING_URL answered 503' };
  await reports.logExports.report('one', { ...NEW, lastSuccessAt: AT }, 1_000);
  await reports.logExports.report('two', { ...NEW, lastSuccessAt: AT - 1, lastFailure }, 1_000);
  const worst = {
    state: 'failing',
    origin: 'https://logs.example',
    last_success_at: '2026-01-01T23:59:59.999Z',
    last_failure: { at: MOMENT, reason: 'LOGGING_URL answered 503' },
  };
  const fine = { state: 'ok', origin: 'https://logs.example', last_success_at: MOMENT, last_failure: null };
  expect(await shown()).toEqual({
    ...worst,
    processes: [
      { process: 'one', ...fine },
      { process: 'two', ...worst },
    ],
  });
});

test.each<[Partial<LogExportReport>, string]>([
  [{}, 'waiting'],
  [{ lastSuccessAt: 5 }, 'ok'],
  [{ lastSuccessAt: 5, lastFailure: { at: 4, reason: '' } }, 'ok'],
  [{ lastSuccessAt: 5, lastFailure: { at: 6, reason: '' } }, 'failing'],
  [{ lastFailure: { at: 6, reason: '' } }, 'failing'],
])('what was tried last counts: %j is %s', (report, state) => {
  expect(logExportState({ ...NEW, ...report })).toBe(state);
});
