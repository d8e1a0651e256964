import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assemble, collect, openWeb, readEvents } from '../open-web.js';
import { reply, until } from '../scripted-bot.js';

const ASK = { question: 'Why is the sky blue?', user_id: 'ann', conversation_id: 'c1' };
const STREAM = { headers: { accept: 'text/event-stream' } };

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb({ answerLimitMs: 600_000 });
});
afterEach(() => open.close());

const follow = (id: number, conversation = 'c1') =>
  open.send('GET', `/api/turns/${id}/events?conversation_id=${conversation}`);

/** Asks, and goes away once the answer has begun with `text`. */
async function askedAndLeft(text: string, init: RequestInit = STREAM) {
  const client = new AbortController();
  const asked = open.post('/api/question', { ...ASK, keep_going: true }, { ...init, signal: client.signal });
  const turn = await open.bot.turn();
  await turn.watchedBy(1);
  await turn.write(text);
  client.abort();
  await asked.then((response) => response.text()).catch(() => {});
  await turn.watchedBy(0);
  return turn;
}

describe('an answer that is to keep going', () => {
  test.each([
    ['a stream', STREAM],
    ['an answer', {}],
  ])('goes on when the client that waited for it as %s goes away', async (_name, init) => {
    const turn = await askedAndLeft('Some', init);
    // A second turn, stopped as its client left: whatever the first would have stopped is stopped by then.
    const client = new AbortController();
    const other = open.post('/api/question', ASK, { ...init, signal: client.signal });
    const second = await open.bot.turn(1);
    await second.watchedBy(1);
    client.abort();
    await other.then((response) => response.text()).catch(() => {});
    await until(() => open.bot.stopped.length > 0);
    expect(open.bot.stopped).toEqual([second.id]);
    expect(turn.outcome).toBeNull();
  });

  test('is waited for ten minutes, and said to go on', async () => {
    const asked = open.post('/api/question', { ...ASK, keep_going: true });
    const turn = await open.bot.turn();
    await turn.watchedBy(1);
    await open.clock.advance(600_001);
    expect(await (await asked).json()).toMatchObject({
      error: {
        code: 'answer-timeout',
        message: 'The answer takes long; it goes on, and will be in the conversation.',
      },
    });
    expect(open.bot.stopped).toEqual([]);
  });
});

describe('an answer that is followed', () => {
  test('comes from its beginning at once, however long ago that was said, and goes on', async () => {
    const turn = await askedAndLeft('Blue light scatters');
    await turn.write('Blue light scatters more');
    const events = readEvents(await follow(turn.id));
    const next = async () => (await events.next()).value;
    expect(await next()).toEqual({ event: 'accepted', data: { conversation_id: 'c1', turn_id: turn.id } });
    expect(await next()).toEqual({ event: 'delta', data: { text: 'Blue light scatters more' } });
    await turn.write('Blue light scatters more than red');
    expect(await next()).toEqual({ event: 'delta', data: { text: ' than red' } });
    turn.end(reply('Blue light scatters more than red.'));
    const rest = await collect(events);
    expect(assemble(rest)).toBe('.');
    expect(rest.at(-1)).toMatchObject({ event: 'done', data: { finish_reason: 'stop' } });
  });

  test('is not stopped when who follows leaves', async () => {
    const turn = await askedAndLeft('Blue');
    const response = await follow(turn.id);
    await turn.watchedBy(1);
    await response.body?.cancel();
    await turn.watchedBy(0);
    const again = follow(turn.id);
    await turn.watchedBy(1);
    turn.end(reply('Blue.'));
    expect((await collect(await again)).at(-1)).toMatchObject({ event: 'done' });
    expect(open.bot.stopped).toEqual([]);
  });

  test('and has ended is told whole', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('Done long ago.'));
    await open.post('/api/question', ASK);
    const { id } = await open.bot.turn();
    const events = await collect(await follow(id));
    expect(events.map(({ event }) => event)).toEqual(['accepted', 'delta', 'done']);
    expect(assemble(events)).toBe('Done long ago.');
  });

  test('belongs to its conversation', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    await open.post('/api/question', ASK);
    const { id } = await open.bot.turn();
    expect((await follow(id, 'c2')).status).toBe(404);
    expect((await follow(999)).status).toBe(404);
    const unnamed = await open.send('GET', `/api/turns/${id}/events`);
    expect(unnamed.status).toBe(400);
    expect(await unnamed.json()).toMatchObject({ error: { message: 'conversation_id is missing.' } });
  });
});
