import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assemble, collect, openWeb, readEvents, type ServerEvent } from '../open-web.js';
import { reply, until } from '../scripted-bot.js';

const ASK = { question: 'Why is the sky blue?', user_id: 'ann' };
const STREAM = { headers: { accept: 'text/event-stream' } };

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb({ answerLimitMs: 600_000 });
});
afterEach(() => open.close());

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
        first_token_ms: 20,
        tokens_per_second: 50,
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
