import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelReport } from '../../../../../src/domain/models/model-report.js';
import { localReports } from '../../../../../src/exchange/local-reports.js';
import type { Reports } from '../../../../../src/ports/fleet/reports.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { modelOf } from '../../../../fixtures/model-report.js';
import { noAdministration } from '../no-administration.js';
import { openWeb } from '../open-web.js';

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
    expect(await shown()).toEqual({ workers: [], not_taken: [] });
  });

  test('are shown as every worker has them', async () => {
    await worker('two', modelOf({ state: 'pulling', progress: 0.25, doing: 'pull', file: null }));
    const checked = { at: STARTED, ok: false, problem: 'It is damaged: pull it again.' };
    await worker('one', modelOf({ state: 'failed', checked, problem: checked.problem, served: false }));
    expect(await shown()).toEqual({
      not_taken: [],
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

describe('orders', () => {
  const order = (path: string, body: unknown = {}) => open.post(`/api/admin/models/${path}`, body);
  const message = async (response: Response) =>
    ((await response.json()) as { error: { message: string } }).error.message;

  test('go to every worker that can carry them out', async () => {
    await worker('one', modelOf({}));
    await worker('two', modelOf({ state: 'loaded' }));
    await worker('three', modelOf({}));
    const ordered = await order('small/load');
    expect(ordered.status).toBe(202);
    expect(await ordered.json()).toEqual({ alias: 'small', action: 'load', workers: 2 });
    expect(await reports.orders.take('one')).toMatchObject([{ alias: 'small', action: 'load' }]);
    expect(await reports.orders.take('two')).toEqual([]);
  });

  test('go to the one worker that is named', async () => {
    await worker('one', modelOf({}));
    await worker('two', modelOf({}));
    expect(await (await order('small/check', { worker: 'two' })).json()).toMatchObject({ workers: 1 });
    expect((await reports.orders.open()).map((given) => given.worker)).toEqual(['two']);
  });

  test('join what is under way', async () => {
    await worker('one', modelOf({ state: 'pulling', doing: 'pull', file: null }));
    expect((await order('small/pull')).status).toBe(202);
  });

  test('are shown until the worker takes them, and told of when none did', async () => {
    await worker('one', modelOf({}));
    await worker('two', modelOf({}));
    await order('small/check');
    expect(await shown()).toMatchObject({
      workers: [{ models: [{ ordered: 'check' }] }, { models: [{ ordered: 'check' }] }],
      not_taken: [],
    });
    await reports.workers.withdraw('two');
    await clock.advance(16_000);
    const late = 'The order to check small was not taken within 15 s';
    const given = { alias: 'small', action: 'check' };
    expect(await shown()).toMatchObject({
      workers: [{ models: [{ ordered: null }] }],
      not_taken: [
        { ...given, worker: 'one', problem: `${late}: give it again.` },
        {
          ...given,
          worker: 'two',
          problem: `${late}: that worker is gone; start it, and give the order again.`,
        },
      ],
    });
  });

  test('that were taken are told of once their worker is gone', async () => {
    await worker('one', modelOf({}));
    await order('small/check');
    await reports.orders.take('one');
    await clock.advance(60_000);
    expect(await shown()).toMatchObject({ workers: [{ models: [{ ordered: null }] }], not_taken: [] });
    await reports.workers.withdraw('one');
    expect(await shown()).toEqual({
      workers: [],
      not_taken: [
        {
          ...{ worker: 'one', alias: 'small', action: 'check' },
          problem:
            'The order to check small was not carried out: that worker is gone; start it, and give the order again.',
        },
      ],
    });
  });

  const away = { file: null, state: 'missing' } as const;
  test.each<[string, Partial<ModelReport>, string]>([
    ['pull', {}, 'small is on this machine already; check it to see whether it is whole.'],
    [
      'pull',
      { runs: 'hosted', state: 'hosted' },
      'small is hosted: it has no file, and nothing of it is loaded here.',
    ],
    ['check', away, 'small is not on this machine: pull it first.'],
    ['check', { ...away, state: 'pulling' }, 'small is being pulled: wait until its file is here.'],
    ['check', { doing: 'delete' }, 'small is busy with another order (delete): wait until that is done.'],
    [
      'load',
      { ...away, doing: 'pull' },
      'small is busy with another order (pull): wait until that is done, or cancel it.',
    ],
    ['cancel', {}, 'No order for small is being carried out: there is nothing to cancel.'],
    [
      'cancel',
      { ...away, state: 'pulling' },
      'small is being pulled for a question, not by an order: wait until its file is here.',
    ],
    [
      'cancel',
      { state: 'loading', doing: 'load' },
      'The order to load small cannot be cancelled: wait until that is done.',
    ],
    ['load', away, 'small is not on this machine: pull it first.'],
    ['load', { state: 'loaded' }, 'small is loaded already.'],
    ['load', { state: 'loading' }, 'small is being loaded already.'],
    ['unload', {}, 'small is not loaded.'],
    ['unload', { state: 'loading' }, 'small is being loaded: wait until it is.'],
    [
      'unload',
      { state: 'loaded', uses: 2 },
      'small is in use (2): wait until its replies are written, or stop them.',
    ],
    ['delete', away, 'small is not on this machine: there is nothing to delete.'],
    [
      'delete',
      { file: 'given' },
      'The file of small is your own: Parley deletes only what it downloaded itself.',
    ],
    [
      'delete',
      { state: 'loaded', uses: 1 },
      'small is in use (1): wait until its replies are written, or stop them.',
    ],
  ])('to %s what is as %j are refused in a sentence', async (action, model, sentence) => {
    await worker('one', modelOf(model));
    const refused = await order(`small/${action}`);
    expect(refused.status).toBe(409);
    expect(await message(refused)).toBe(sentence);
    expect(await reports.orders.open()).toEqual([]);
  });

  test.each<[string, Partial<ModelReport>]>([
    ['pull', { state: 'failed', problem: 'It is damaged.' }],
    ['pull', { state: 'loaded', checked: { at: 1, ok: false, problem: 'It is damaged.' } }],
    ['pull', away],
    ['check', { file: 'given', state: 'loaded' }],
    ['load', { state: 'failed', problem: 'There was no memory.' }],
    ['unload', { state: 'loaded' }],
    ['delete', { state: 'loaded' }],
    ['delete', { state: 'failed' }],
    ['cancel', { state: 'pulling', doing: 'pull', file: null }],
    ['cancel', { doing: 'check' }],
  ])('to %s what is as %j are given', async (action, model) => {
    await worker('one', modelOf(model));
    expect((await order(`small/${action}`)).status).toBe(202);
  });

  test('for what is not there are refused', async () => {
    const nobody = await order('small/pull');
    expect(nobody.status).toBe(409);
    expect(await message(nobody)).toBe('No worker is running: start one with "parley worker".');
    await worker('one', modelOf({}));
    expect((await order('large/pull')).status).toBe(404);
    expect((await order('small/check', { worker: 'two' })).status).toBe(404);
    const unknown = await order('small/paint');
    expect(unknown.status).toBe(400);
    expect(await message(unknown)).toBe('action must be one of pull, check, load, unload, delete, cancel.');
    const extra = await order('small/check', { force: true });
    expect(await message(extra)).toBe('force is not a field of this request.');
  });
});
