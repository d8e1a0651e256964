import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWeb } from '../open-web.js';
import { reply } from '../scripted-bot.js';

const KEY = 'web/parley/-/c1';
const LISTED = {
  channel: 'c1',
  title: null,
  firstQuestion: 'Why  is\nthe sky blue?',
  turns: 2,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  updatedAt: new Date('2026-01-02T00:00:00Z'),
};

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb();
});
afterEach(() => open.close());

const list = async (query: string) => (await open.send('GET', `/api/conversations?${query}`)).json();
const patch = (id: string, body: unknown) =>
  open.send('PATCH', `/api/conversations/${id}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('conversations are listed with a title of their first question', async () => {
  open.bot.listed.set(KEY, LISTED);
  open.bot.listed.set('long', { ...LISTED, firstQuestion: 'x'.repeat(200) });
  expect(await list('user_id=ann&search=%20sky%20&before=9&limit=100')).toMatchObject({
    conversations: [
      {
        conversation_id: 'c1',
        title: 'Why is the sky blue?',
        turns: 2,
        updated_at: '2026-01-02T00:00:00.000Z',
        created_at: '2026-01-01T00:00:00.000Z',
      },
      { title: expect.stringMatching(/^x{70,80}/) },
    ],
    earlier: null,
  });
  expect(open.bot.searches).toEqual([{ authorKey: 'web/ann', search: 'sky', before: 9, limit: 100 }]);
});

test.each([
  ['', 'user_id is missing.'],
  ['user_id=ann&limit=0', 'limit must be at least 1.'],
  ['user_id=ann&limit=101', 'limit must be at most 100.'],
  ['user_id=ann&before=x', 'before must be the `earlier` of the page before.'],
  [`user_id=ann&search=${'x'.repeat(201)}`, 'search must be at most 200 characters long.'],
])('the list says what is wrong with ?%s', async (query, message) => {
  expect(await list(query)).toMatchObject({ error: { code: 'invalid', message } });
});

test('a conversation is given a title, and has it taken back', async () => {
  open.bot.listed.set(KEY, LISTED);
  expect(await (await patch('c1', { title: 'Light' })).json()).toMatchObject({ title: 'Light', turns: 2 });
  expect(await (await patch('c1', { title: null })).json()).toMatchObject({ title: 'Why is the sky blue?' });
  expect((await patch('c1', { title: '' })).status).toBe(400);
  expect((await patch('c1', { title: 'x'.repeat(200) })).status).toBe(200);
  expect((await patch('c1', { title: 'x'.repeat(201) })).status).toBe(400);
  expect((await patch('c9', { title: 'Light' })).status).toBe(404);
});

test('clearing keeps a conversation on the list, forgetting takes it off', async () => {
  open.bot.onAccepted = (turn) => turn.end(reply('.'));
  await open.post('/api/question', { question: 'Why?', user_id: 'ann', conversation_id: 'c1' });
  const cleared = await open.send('POST', '/api/conversations/c1/clear');
  expect(await cleared.json()).toEqual({ conversation_id: 'c1', forgotten: 1 });
  expect(open.bot.unlisted).toEqual([]);
  await open.send('DELETE', '/api/conversations/c1');
  expect(open.bot.unlisted).toEqual([KEY]);
  expect(open.bot.cleared).toEqual([1, 1]);
});
