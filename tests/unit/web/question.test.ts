import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { RefusalReason } from '../../../src/ports/inbox.js';
import { assemble, openWeb, readEvents, type ServerEvent } from './open-web.js';
import { reply, until } from './scripted-bot.js';

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

describe('a stream', () => {
  test('brings the text as it grows and ends with the whole answer', async () => {
    open.bot.ahead = 2;
    const response = await open.post('/api/question', ASK, STREAM);
    const turn = await open.bot.turn();
    const events = readEvents(response);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const next = async () => (await events.next()).value;
    expect(await next()).toEqual({
      event: 'accepted',
      data: { conversation_id: turn.message.address.channel, turn_id: turn.id },
    });
    expect(await next()).toEqual({ event: 'queued', data: { ahead: 2 } });
    await turn.watchedBy(1);
    open.bot.liveEvents.publish(turn.id, { type: 'queued', ahead: 1 });
    expect(await next()).toEqual({ event: 'queued', data: { ahead: 1 } });
    await turn.write('Blue');
    expect(await next()).toEqual({ event: 'delta', data: { text: 'Blue' } });
    await turn.write('Blue light\nscatters 👩‍💻');
    expect(await next()).toEqual({ event: 'delta', data: { text: ' light\nscatters 👩‍💻' } });
    turn.end(reply('Blue light\nscatters 👩‍💻 most.'));
    expect(await next()).toEqual({ event: 'delta', data: { text: ' most.' } });
    expect(await next()).toEqual({
      event: 'done',
      data: {
        answer: 'Blue light\nscatters 👩‍💻 most.',
        conversation_id: turn.message.address.channel,
        turn_id: turn.id,
        model: 'small',
        usage: { prompt_tokens: 12, cached_tokens: 4, reply_tokens: 7 },
        finish_reason: 'stop',
      },
    });
    expect((await events.next()).done).toBe(true);
  });

  test('begins again where the answer did', async () => {
    const response = await open.post('/api/question', ASK, STREAM);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    const events = readEvents(response);
    await events.next();
    await turn.write('One two');
    const seen: ServerEvent[] = [];
    const first = await events.next();
    if (!first.done) seen.push(first.value);
    await turn.write('Three');
    turn.end(reply('Three four'));
    for await (const event of events) seen.push(event);
    expect(seen.map(({ event }) => event)).toContain('reset');
    expect(assemble(seen)).toBe('Three four');
  });

  test('does not show the fence that only closes an unfinished code block', async () => {
    const response = await open.post('/api/question', ASK, STREAM);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    const stream = readEvents(response);
    const events: ServerEvent[] = [];
    await stream.next();
    for (const text of ['```js\nlet a;\n```', '```js\nlet a;\nlet b;\n```']) {
      await turn.write(text);
      const { value } = await stream.next();
      if (value) events.push(value);
    }
    turn.end(reply('```js\nlet a;\nlet b;\n```\nDone.'));
    events.push(...(await collect(stream)));
    expect(events.map(({ event }) => event)).not.toContain('reset');
    expect(assemble(events)).toBe('```js\nlet a;\nlet b;\n```\nDone.');
  });

  test('says something every 15 s, so that nothing between takes it for dead', async () => {
    const response = await open.post('/api/question', ASK, STREAM);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    const events = readEvents(response);
    await events.next();
    await open.clock.advance(16_000);
    expect((await events.next()).value).toEqual({ event: 'comment', data: {} });
    turn.end(reply('.'));
    await collect(events);
  });

  test('ends with an error where the turn failed', async () => {
    const response = await open.post('/api/question', ASK, STREAM);
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    turn.end({ state: 'failed', kind: 'empty-answer', notice: 'The model had nothing to say.' });
    expect((await collect(response)).at(-1)).toEqual({
      event: 'error',
      data: {
        error: {
          code: 'answer-failed',
          message: 'The model had nothing to say.',
          kind: 'empty-answer',
          turn_id: turn.id,
          conversation_id: turn.message.address.channel,
        },
      },
    });
  });

  test('is had by asking for events before JSON', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    const typeFor = async (accept: string) => {
      const response = await open.post('/api/question', ASK, { headers: { accept } });
      await response.text();
      return response.headers.get('content-type')?.split(';')[0];
    };
    expect(await typeFor('text/event-stream, application/json;q=0.9')).toBe('text/event-stream');
    expect(await typeFor('application/json, text/event-stream')).toBe('application/json');
    expect(await typeFor('*/*')).toBe('application/json');
    expect(await typeFor('text/event-stream;q=0')).toBe('application/json');
  });
});

describe('a client that goes away', () => {
  for (const [name, init] of [
    ['a stream', STREAM],
    ['an answer', {}],
  ] as const) {
    test(`stops the generation it waited for as ${name}`, async () => {
      const client = new AbortController();
      const asked = open.post('/api/question', ASK, { ...init, signal: client.signal });
      const turn = await open.bot.turn();
      await turn.watchedBy(1);
      await turn.write('Some');
      client.abort();
      await asked.then((response) => response.text()).catch(() => {});
      await until(() => open.bot.stopped.length > 0);
      expect(open.bot.stopped).toEqual([turn.id]);
      await turn.watchedBy(0);
    });

    test(`stops nothing while another waits for the same turn (${name})`, async () => {
      const client = new AbortController();
      const key = { 'idempotency-key': 'k1' };
      const headers = { ...key, ...('headers' in init ? init.headers : {}) };
      const leaving = open.post('/api/question', ASK, { headers, signal: client.signal });
      const turn = await open.bot.turn();
      const staying = open.post('/api/question', ASK, { headers: key });
      await turn.watchedBy(2);
      client.abort();
      await leaving.then((response) => response.text()).catch(() => {});
      await turn.watchedBy(1);
      turn.end(reply('For you.'));
      expect(await (await staying).json()).toMatchObject({ answer: 'For you.' });
      expect(open.bot.stopped).toEqual([]);
    });
  }

  test('stops the generation over the socketless door too', async () => {
    const client = new AbortController();
    const request = new Request('http://localhost/api/question', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...STREAM.headers },
      body: JSON.stringify(ASK),
      signal: client.signal,
    });
    await open.web.fetch(request);
    const turn = await open.bot.turn();
    client.abort();
    await until(() => open.bot.stopped.length > 0);
    expect(open.bot.stopped).toEqual([turn.id]);
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

describe('what went wrong', () => {
  const refusals: readonly [RefusalReason, number, string | null][] = [
    ['empty', 400, null],
    ['too-long', 413, null],
    ['unknown-model', 400, null],
    ['bad-parameter', 400, null],
    ['turn-limit', 429, '60'],
    ['token-limit', 429, '3600'],
  ];
  test.each(refusals)('a refusal for %s is a %i with its sentence', async (reason, status, retryAfter) => {
    open.bot.refusal = { type: 'refused', reason, text: 'Because.' };
    const response = await open.post('/api/question', ASK, STREAM);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    expect(await response.json()).toMatchObject({ error: { code: reason, message: 'Because.' } });
  });

  test('a refusal’s own wait is passed on', async () => {
    open.bot.refusal = { type: 'refused', reason: 'turn-limit', text: 'Slowly.', retryAfterMs: 12_300 };
    const response = await open.post('/api/question', ASK);
    expect(response.headers.get('retry-after')).toBe('13');
    expect(await response.json()).toMatchObject({ error: { retry_after: 13 } });
  });

  const failures = [
    ['provider-unavailable', 503],
    ['provider-overloaded', 503],
    ['model-missing', 503],
    ['provider-rejected', 502],
    ['empty-answer', 502],
    ['context-overflow', 413],
    ['bug', 500],
  ] as const;
  test.each(failures)('a turn that failed with %s is a %i', async (kind, status) => {
    open.bot.onAccepted = (turn) => turn.end({ state: 'failed', kind, notice: 'Not today.' });
    const response = await open.post('/api/question', ASK);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { code: 'answer-failed', kind, message: 'Not today.' },
    });
  });

  test('a turn that was stopped before any text is a 409', async () => {
    open.bot.onAccepted = (turn) => turn.end({ state: 'cancelled' });
    expect((await open.post('/api/question', ASK)).status).toBe(409);
  });

  test('a database out of reach is a 503 that asks to try again', async () => {
    open.bot.failure = new ExpectedFailure('setup', 'postgres://secret@db is down', { retryable: true });
    const response = await open.post('/api/question', ASK);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.text()).not.toContain('secret');
  });

  test('a bug is a 500 that tells nothing, and the log all but the text', async () => {
    open.bot.failure = new TypeError('x is not a function');
    const response = await open.post('/api/question', ASK);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('not a function');
    expect(open.log.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
    expect(JSON.stringify(open.log.lines)).not.toContain(ASK.question);
  });
});

async function collect(source: Response | AsyncIterable<ServerEvent>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of source instanceof Response ? readEvents(source) : source) events.push(event);
  return events;
}

async function conversationOf(response: Promise<Response>): Promise<unknown> {
  const body: unknown = await (await response).json();
  return body instanceof Object && 'conversation_id' in body ? body.conversation_id : undefined;
}
