import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMANDS } from '../../../../../src/pipeline/commands/definitions.js';
import { openWeb, readEvents } from '../open-web.js';
import { reply } from '../scripted-bot.js';

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb();
});
afterEach(() => open.close());

async function json(response: Promise<Response>): Promise<unknown> {
  return (await response).json();
}

test('the commands are listed as they are on every platform', async () => {
  expect(await json(open.send('GET', '/api/commands'))).toEqual({ commands: COMMANDS });
});

test('a command runs for its user in its conversation and says what came of it', async () => {
  open.bot.commandReply = { type: 'notice', text: 'Changed.', audience: 'everyone' };
  const call = { user_id: 'ann', conversation_id: 'c1', values: { temperature: 0.2 } };
  expect(await json(open.post('/api/commands/settings', call))).toEqual({
    notice: 'Changed.',
    conversation_id: 'c1',
  });
  expect(open.bot.commands).toMatchObject([
    {
      name: 'settings',
      values: { temperature: 0.2 },
      address: { platform: 'web', channel: 'c1' },
      author: { key: 'web/ann' },
      mayManage: true,
    },
  ]);
});

test('ask answers as a question does, whole or streamed', async () => {
  open.bot.onAccepted = (turn) => turn.end(reply(`${turn.message.text}!`));
  const call = { user_id: 'ann', values: { question: 'Hello' } };
  expect(await json(open.post('/api/commands/ask', call))).toMatchObject({ answer: 'Hello!' });
  const headers = { accept: 'text/event-stream', 'idempotency-key': 'k' };
  const names: string[] = [];
  for await (const { event } of readEvents(await open.post('/api/commands/ask', call, { headers })))
    names.push(event);
  expect(names).toEqual(['accepted', 'delta', 'done']);
  await open.post('/api/commands/ask', call, { headers });
  expect(open.bot.turns).toHaveLength(2);
});

test('a command there is not is a 404 that lists those there are', async () => {
  const response = await open.post('/api/commands/dance', { user_id: 'ann' });
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('forget-me');
});

test.each([
  ['settings', { temperature: 'hot' }, 'values.temperature must be a number.'],
  ['settings', { temperature: 3 }, 'values.temperature must be at most 2.'],
  ['settings', { top_k: 1.5 }, 'values.top_k must be a whole number.'],
  ['settings', { top_k: -1 }, 'values.top_k must be at least 0.'],
  ['settings', { language: 'fr' }, 'values.language must be one of auto, en, zh.'],
  ['settings', { reset: 'yes' }, 'values.reset must be true or false.'],
  ['settings', { colour: 'red' }, 'values.colour is not an option of settings.'],
  ['model', { name: 7 }, 'values.name must be text.'],
  ['ask', {}, 'values.question is missing.'],
])('%s with %j is a 400', async (name, values, message) => {
  const response = await open.post(`/api/commands/${name}`, { user_id: 'ann', values });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid', message } });
  expect(open.bot.commands).toEqual([]);
});
