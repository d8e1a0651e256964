import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect, openWeb } from '../open-web.js';
import { reply, until } from '../scripted-bot.js';

const ASK = { question: 'Why is the sky blue?', user_id: 'ann' };
const STREAM = { headers: { accept: 'text/event-stream' } };

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb({ answerLimitMs: 600_000 });
});
afterEach(() => open.close());

describe('a question', () => {
  test('is handed in as a message and answered when its turn has ended', async () => {
    const asked = open.post('/api/question', {
      ...ASK,
      model: 'small',
      parameters: { temperature: 0, top_k: 3, repeat_penalty: 1.2, max_tokens: 9, stop: 'END' },
    });
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    turn.end(reply('It scatters.', { finishReason: 'length' }));
    const response = await asked;
    const conversation = turn.message.address.channel;
    expect(await response.json()).toEqual({
      answer: 'It scatters.',
      conversation_id: conversation,
      turn_id: turn.id,
      model: 'small',
      usage: { prompt_tokens: 12, cached_tokens: 4, reply_tokens: 7 },
      finish_reason: 'length',
      first_token_ms: 20,
      tokens_per_second: 50,
    });
    expect(turn.message).toMatchObject({
      address: { platform: 'web', app: 'parley', workspace: '-', kind: 'direct' },
      author: { key: 'web/ann', id: 'ann', name: 'ann' },
      text: ASK.question,
      model: 'small',
      sampling: { temperature: 0, topK: 3, repeatPenalty: 1.2, maxTokens: 9, stop: ['END'] },
      target: { platform: 'web', conversation },
    });
    expect(turn.message.sampling).not.toHaveProperty('topP');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('stays in its conversation, and begins one that cannot be guessed where none is named', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    const first = await conversationOf(open.post('/api/question', ASK));
    const second = await conversationOf(open.post('/api/question', ASK));
    await open.post('/api/question', { ...ASK, conversation_id: 'room-42' });
    expect(first).toMatch(/^[\da-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(open.bot.turns[2]?.message.address.channel).toBe('room-42');
    expect(open.bot.turns[0]?.message.key).not.toBe(open.bot.turns[1]?.message.key);
  });

  test('that ended before anybody could watch it is answered from the database', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('At once.'));
    expect(await (await open.post('/api/question', ASK)).json()).toMatchObject({ answer: 'At once.' });
  });

  test('is answered although the event of its end was lost', async () => {
    const asked = open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    open.bot.liveEvents.losing = true;
    turn.end(reply('Found later.'));
    await until(() => open.clock.sleeping > 1);
    await open.clock.advance(2_000);
    expect(await (await asked).json()).toMatchObject({ answer: 'Found later.' });
  });

  test('is answered from its event while the database cannot be read', async () => {
    const asked = open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    open.bot.findFailure = new Error('connection refused');
    turn.end(reply('Still here.'));
    expect(await (await asked).json()).toMatchObject({ answer: 'Still here.' });
  });

  test('that takes longer than the limit is stopped and says so', async () => {
    const asked = open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    await open.clock.advance(600_000);
    const response = await asked;
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'answer-timeout', turn_id: turn.id } });
    expect(open.bot.stopped).toEqual([turn.id]);
  });

  test('outlives the server: its client is told, its turn goes on', async () => {
    const asked = open.post('/api/question', ASK);
    const streamed = await open.post('/api/question', ASK, STREAM);
    await (await open.bot.turn()).watchedBy(1);
    await (await open.bot.turn(1)).watchedBy(1);
    const stopped = open.web.stop();
    const response = await asked;
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('10');
    const events = await collect(streamed);
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { error: { code: 'unavailable' } } });
    await stopped;
    expect(open.bot.stopped).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  const KEY = { headers: { 'idempotency-key': 'order-7' } };

  test('gives the same answer again and asks once', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('Once.'));
    const first = await (await open.post('/api/question', ASK, KEY)).json();
    const again = await (await open.post('/api/question', ASK, KEY)).json();
    expect(again).toEqual(first);
    expect(open.bot.turns).toHaveLength(1);
  });

  test('is the user’s own', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    await open.post('/api/question', ASK, KEY);
    await open.post('/api/question', { ...ASK, user_id: 'ann/../bob' }, KEY);
    expect(new Set(open.bot.turns.map((turn) => turn.message.key)).size).toBe(2);
  });

  test('does not stand for another question', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    await open.post('/api/question', ASK, KEY);
    const other = await open.post('/api/question', { ...ASK, question: 'And at night?' }, KEY);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ error: { code: 'idempotency-mismatch' } });
    const elsewhere = await open.post('/api/question', { ...ASK, conversation_id: 'c2' }, KEY);
    expect(elsewhere.status).toBe(422);
  });

  test('must be visible ASCII', async () => {
    const response = await open.post('/api/question', ASK, { headers: { 'idempotency-key': 'a b' } });
    expect(response.status).toBe(400);
  });
});

async function conversationOf(response: Promise<Response>): Promise<unknown> {
  const body: unknown = await (await response).json();
  return body instanceof Object && 'conversation_id' in body ? body.conversation_id : undefined;
}
