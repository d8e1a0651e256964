import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../../../../src/storage/database/database.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';
import { openStoredWeb } from '../stored-web.js';

let database: Database;
let open: Awaited<ReturnType<typeof openStoredWeb>>;
let conversation: string;
beforeAll(async () => {
  database = await openTestDatabase();
  open = await openStoredWeb(database);
});
beforeEach(() => {
  conversation = randomUUID();
});
afterAll(async () => {
  await open?.close();
  await database?.stop();
});

const ask = (question: string, more: object = {}, headers: Record<string, string> = {}) =>
  open.post(
    '/api/question',
    { question, user_id: 'ann', conversation_id: conversation, ...more },
    { headers },
  );
async function asked(question: string): Promise<number> {
  return ((await (await ask(question)).json()) as { turn_id: number }).turn_id;
}
async function questions(): Promise<string[]> {
  const read = await open.send('GET', `/api/conversations/${conversation}`);
  return ((await read.json()) as { turns: { question: string }[] }).turns.map(({ question }) => question);
}

test('a question takes the place of an earlier one and of all after it', async () => {
  const first = await asked('one');
  await asked('two');
  const again = await ask('one, please', { replaces: first });
  expect(await again.json()).toMatchObject({ answer: 'Because.', conversation_id: conversation });
  expect(await questions()).toEqual(['one, please']);
});

test('sent twice under one Idempotency-Key it is asked once; another under that key is not', async () => {
  const key = { 'idempotency-key': randomUUID() };
  await asked('one');
  const replaces = await asked('two');
  const [first, second] = [await ask('better', { replaces }, key), await ask('better', { replaces }, key)];
  expect(await second.json()).toEqual(await first.json());
  expect((await ask('better', {}, key)).status).toBe(422);
  expect(await questions()).toEqual(['one', 'better']);
});

test('what was replaced already is a 409 that says what to do', async () => {
  const replaces = await asked('one');
  await ask('two', { replaces });
  const late = await ask('three', { replaces });
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({
    error: { code: 'conflict', message: expect.stringContaining('Load the conversation again') },
  });
  expect(await questions()).toEqual(['two']);
});

test('what is still being answered is a 409 that says what to do', async () => {
  const replaces = await asked('one');
  await open.turns.recorder.record(
    {
      key: randomUUID(),
      address: { platform: 'web', app: 'parley', workspace: '-', channel: conversation, kind: 'direct' },
      author: { key: 'web/ann', id: 'ann', name: 'ann' },
      text: 'waits',
      target: { platform: 'web', conversation },
    },
    'channel',
  );
  const refused = await ask('two', { replaces });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    error: { code: 'conflict', message: expect.stringContaining('Stop the answer first') },
  });
  expect(await questions()).toEqual(['one', 'waits']);
});

test('a turn of another conversation, or none, is a 404, and nothing is asked', async () => {
  const other = await asked('elsewhere');
  conversation = randomUUID();
  for (const replaces of [other, 2_147_483_647]) {
    const missing = await ask('two', { replaces });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: 'not-found' } });
  }
  expect((await open.send('GET', `/api/conversations/${conversation}`)).status).toBe(404);
});

test.each([
  [0, 'must be at least 1'],
  [2_147_483_648, 'must be at most 2147483647'],
  [1.5, 'must be a whole number'],
  ['1', 'must be a number'],
])('replaces %j is a 400 that says why', async (replaces, sentence) => {
  const refused = await ask('two', { replaces });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: { message: expect.stringContaining(`replaces ${sentence}`), issues: [{ field: 'replaces' }] },
  });
});
