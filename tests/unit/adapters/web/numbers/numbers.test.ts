import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../../../../src/storage/database/database.js';
import { PrismaNumbersStore } from '../../../../../src/storage/numbers/numbers-store.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';
import { storeTurns } from '../../../../fixtures/store-turns.js';
import { openWeb } from '../open-web.js';

const RANGE = 'from=2026-03-01&to=2026-03-31';
let database: Database;
let numbers: PrismaNumbersStore;

beforeAll(async () => {
  database = await openTestDatabase();
  numbers = new PrismaNumbersStore(database.prisma);
  const said = { platform: 'web', author: 'ann', conversation: 'c' };
  await storeTurns(database.pool, [
    { ...said, day: '2026-03-02', model: 'house', vote: 1, firstTokenMs: 200 },
    { ...said, day: '2026-03-03', model: 'house', author: 'ben', conversation: 'd' },
    { ...said, day: '2026-03-03', model: '=1+1, "x"', platform: 'slack', failure: 'setup', persona: '-' },
  ]);
  for (let due = await numbers.due(); due.length > 0; due = await numbers.due()) {
    for (const day of due) await numbers.rollUp(day);
  }
});
afterAll(() => database?.stop());

async function opened(options: Parameters<typeof openWeb>[0] = {}) {
  const byModel = new Map([['house', { prompt: 1, reply: 4 }]]);
  const open = await openWeb({ numbers, prices: { currency: 'EUR', byModel }, ...options });
  onTestFinished(() => open.close());
  return open;
}

test('gives all tables of a range, with estimated costs of models that have a price', async () => {
  const { send } = await opened();
  const response = await send('GET', `/api/admin/numbers?${RANGE}`);
  expect(response.status).toBe(200);
  const body = (await response.json()) as { models: object[]; days: object[] };
  expect(body).toMatchObject({
    from: '2026-03-01',
    to: '2026-03-31',
    currency: 'EUR',
    platforms: [
      { day: '2026-03-02', platform: 'web', turns: 1, users: 1 },
      { day: '2026-03-03', platform: 'slack', turns: 1, users: 1 },
      { day: '2026-03-03', platform: 'web', turns: 1, users: 1 },
    ],
    outcomes: [
      { outcome: 'done', kind: null, turns: 2 },
      { outcome: 'failed', kind: 'setup', turns: 1 },
    ],
    feedback: [{ model: 'house', persona: '', up: 1, down: 0 }],
  });
  // 200 prompt and 20 reply tokens cost 0.00028; 4 replaced ones as much each as those 220 do.
  expect(body.models).toMatchObject([
    { model: 'house', prompt_tokens: 200, estimated_cost: expect.closeTo((0.00028 * 224) / 220, 12) },
    { model: '=1+1, "x"', estimated_cost: null },
  ]);
  expect(body.days).toMatchObject([
    { turns: 1, failed: 0, tokens_per_second: expect.closeTo(80, 6) },
    { turns: 2, failed: 1, users: 2 },
  ]);
});

test('filters by platform and model', async () => {
  const { send } = await opened();
  const read = async (more: string) =>
    (await (await send('GET', `/api/admin/numbers?${RANGE}&${more}`)).json()) as { days: object[] };
  expect((await read('platform=slack')).days).toMatchObject([{ day: '2026-03-03', turns: 1 }]);
  expect((await read('model=house')).days).toMatchObject([{ turns: 1 }, { turns: 1 }]);
  expect((await read('model=house&platform=slack')).days).toEqual([]);
});

test('without a range it is the last 30 days', async () => {
  const { send, clock } = await opened();
  clock.jump(Date.parse('2026-03-30T23:59:59Z') - clock.now());
  expect(await (await send('GET', '/api/admin/numbers')).json()).toMatchObject({
    from: '2026-03-01',
    to: '2026-03-30',
    days: [{ day: '2026-03-02' }, { day: '2026-03-03' }],
  });
});

test.each([
  ['from=2026-02-30', 'from must be a day as in 2026-11-21.'],
  ['from=yesterday', 'from must be a day as in 2026-11-21.'],
  ['from=2026-03-02&to=2026-03-01', 'from must not be after to.'],
  ['from=2025-01-01&to=2026-02-05', 'from must be less than 400 days before to.'],
  ['names=perhaps', 'names must be one of yes, no.'],
  ['model=', 'model must not be empty.'],
  [`platform=${'x'.repeat(65)}`, 'platform must be at most 64 characters long.'],
])('%s is refused in a sentence', async (query, sentence) => {
  const { send } = await opened();
  const response = await send('GET', `/api/admin/numbers?${query}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid', message: sentence } });
});

test('400 days are the most', async () => {
  const { send } = await opened();
  expect((await send('GET', '/api/admin/numbers?from=2025-01-01&to=2026-02-04')).status).toBe(200);
});

test('each table can be had as CSV, and no cell is a formula', async () => {
  const { send } = await opened();
  const csv = async (table: string) => {
    const response = await send('GET', `/api/admin/numbers.csv?${RANGE}&table=${table}`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="parley-${table}-2026-03-01-2026-03-31.csv"`,
    );
    return response.text();
  };
  expect(await csv('outcomes')).toBe('outcome,kind,turns\r\ndone,,2\r\nfailed,setup,1\r\n');
  expect(await csv('feedback')).toBe('model,persona,up,down\r\nhouse,,1,0\r\n');
  expect((await csv('platforms')).split('\r\n')).toHaveLength(5);
  const [headings, ...models] = (await csv('models')).trimEnd().split('\r\n');
  expect(headings).toMatch(/^model,turns,.*,estimated_cost,currency$/);
  expect(models[1]).toBe(`"'=1+1, ""x""",1,0,0,0,0,,,EUR`);
  const [dayHeadings, firstDay] = (await csv('days')).split('\r\n');
  expect(dayHeadings).toContain('first_token_ms_p50,first_token_ms_p95');
  expect(firstDay).toMatch(/^2026-03-02,1,0,1,1,100,20,10,2,[\d.]+,\d+,\d+,,,1,1$/);
});

test('a table that there is not is refused', async () => {
  const { send } = await opened();
  const response = await send('GET', `/api/admin/numbers.csv?${RANGE}&table=colours`);
  expect(await response.json()).toMatchObject({
    error: { message: 'table must be one of days, platforms, models, outcomes, feedback, people.' },
  });
});

test('names people only when asked', async () => {
  const { send } = await opened();
  const read = async (more: string) =>
    (await (await send('GET', `/api/admin/numbers?${RANGE}${more}`)).json()) as { people: object[] | null };
  expect(await read('')).toMatchObject({ people: null, users: 2, conversations: 3 });
  expect((await read('&names=no')).people).toBeNull();
  expect((await read('&names=yes')).people).toMatchObject([
    { key: 'ann', name: 'Ann', turns: 2 },
    { key: 'ben', turns: 1 },
  ]);
  const csv = (more: string) => send('GET', `/api/admin/numbers.csv?${RANGE}&table=people${more}`);
  expect(await (await csv('&names=yes')).text()).toMatch(/^key,name,turns,tokens\r\nann,Ann,2,112\r\n/);
  const refused = await csv('');
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { message: 'names must be yes for this table.' } });
});

test('needs the API key', async () => {
  const { url } = await opened({ apiKey: 'right-key' });
  for (const path of ['/api/admin/numbers', '/api/admin/numbers.csv?table=days']) {
    expect((await fetch(url + path)).status).toBe(401);
  }
});
