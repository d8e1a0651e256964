import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWeb } from '../open-web.js';
import { pastTurn } from '../past-turn.js';
import { reply, until } from '../scripted-bot.js';

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb();
});
afterEach(() => open.close());

const ASK = { question: 'Why?', user_id: 'ann', conversation_id: 'c1' };

async function json(response: Promise<Response>): Promise<unknown> {
  return (await response).json();
}

describe('a conversation', () => {
  beforeEach(async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    await open.post('/api/question', ASK);
  });

  test('is read with all that is kept of its turns', async () => {
    const failure = { kind: 'empty-answer', notice: 'Nothing came.' } as const;
    open.bot.history = [
      pastTurn(1, { vote: { vote: 1, comment: 'Just so.' } }),
      pastTurn(2, { state: 'failed', reply: '', model: null, finishReason: null, failure }),
      pastTurn(3, { state: 'pending', reply: '', model: null, finishReason: null, finishedAt: null }),
    ];
    expect(await json(open.send('GET', '/api/conversations/c1'))).toMatchObject({
      conversation_id: 'c1',
      turns: [
        {
          turn_id: 1,
          state: 'done',
          user_id: 'ann',
          question: 'question 1',
          answer: 'answer 1',
          model: 'small',
          finish_reason: 'stop',
          persona: 'assistant',
          usage: { prompt_tokens: 3, cached_tokens: 1, reply_tokens: 2 },
          first_token_ms: 120,
          tokens_per_second: 30,
          vote: 1,
          comment: 'Just so.',
          failure: null,
          asked_at: '2026-01-01T00:00:00.000Z',
          finished_at: '2026-01-01T00:00:02.000Z',
        },
        { turn_id: 2, failure: { kind: 'empty-answer', message: 'Nothing came.' }, model: null },
        { turn_id: 3, state: 'pending', finished_at: null },
      ],
      earlier: null,
    });
  });

  test('is read page by page, from its end', async () => {
    open.bot.history = [1, 2, 3, 4, 5].map((id) => pastTurn(id));
    const ids = async (query: string) => {
      const page = (await json(open.send('GET', `/api/conversations/c1${query}`))) as {
        turns: { turn_id: number }[];
        earlier: number | null;
      };
      return [page.turns.map((turn) => turn.turn_id), page.earlier];
    };
    expect(await ids('?limit=2')).toEqual([[4, 5], 4]);
    expect(await ids('?limit=2&before=4')).toEqual([[2, 3], 2]);
    expect(await ids('?limit=2&before=2')).toEqual([[1], null]);
  });

  test.each(['limit=0', 'limit=201', 'limit=x', 'before=0', 'before=-1', 'page=2'])(
    '%s is a 400',
    async (query) => {
      expect((await open.send('GET', `/api/conversations/c1?${query}`)).status).toBe(400);
    },
  );

  test('is forgotten, with what is being written stopped first', async () => {
    open.bot.onAccepted = () => {};
    const waiting = open.post('/api/question', ASK);
    const turn = await open.bot.turn(1);
    expect(await json(open.send('DELETE', '/api/conversations/c1'))).toEqual({
      conversation_id: 'c1',
      forgotten: 2,
    });
    expect(open.bot.stopped).toEqual([turn.id]);
    expect(open.bot.cleared).toEqual([1]);
    expect(open.bot.unset).toEqual(['web/parley/-/c1']);
    turn.end({ state: 'cancelled' });
    await waiting;
  });
});

test('a conversation nobody had is a 404 to read, and nothing to forget', async () => {
  expect((await open.send('GET', '/api/conversations/c9')).status).toBe(404);
  expect(await json(open.send('DELETE', '/api/conversations/c9'))).toEqual({
    conversation_id: 'c9',
    forgotten: 0,
  });
  expect(open.bot.cleared).toEqual([]);
});

test.each(['%00', 'a%2Fb', '%F0%9F%98%80', 'x'.repeat(129), '%E0%A4%A'])('the id %s is a 400', async (id) => {
  expect((await open.send('GET', `/api/conversations/${id}`)).status).toBe(400);
});

describe('a turn', () => {
  const CALL = { user_id: 'ann', conversation_id: 'c1' };

  test('is stopped by id', async () => {
    const waiting = open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    const path = `/api/turns/${turn.id}/stop`;
    expect(await json(open.post(path, CALL))).toEqual({ turn_id: turn.id, stopped: true });
    turn.end(reply('Half', { finishReason: 'stopped' }));
    expect(await json(waiting)).toMatchObject({ answer: 'Half', finish_reason: 'stopped' });
    expect(await json(open.post(path, CALL))).toEqual({ turn_id: turn.id, stopped: false });
  });

  test('is answered again with the new answer', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('First.'));
    await open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    const again = open.post(`/api/turns/${turn.id}/regenerate`, CALL);
    await until(() => open.bot.regenerated.length === 1);
    await turn.watchedBy(1);
    turn.end(reply('Second.'));
    expect(await json(again)).toMatchObject({ answer: 'Second.', turn_id: turn.id, conversation_id: 'c1' });
  });

  test('is not fooled by a late report of the answer before', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('First.'));
    await open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    const again = open.post(`/api/turns/${turn.id}/regenerate`, CALL);
    await turn.watchedBy(1);
    await until(() => open.bot.regenerated.length === 1);
    const { reads } = open.bot;
    open.bot.liveEvents.publish(turn.id, { type: 'ended', outcome: reply('First.') });
    await until(() => open.bot.reads > reads);
    turn.end(reply('Second.'));
    expect(await json(again)).toMatchObject({ answer: 'Second.' });
  });

  test('cannot be answered again before it has ended', async () => {
    const waiting = open.post('/api/question', ASK);
    const turn = await open.bot.turn();
    open.bot.language = 'zh';
    const early = await open.post(`/api/turns/${turn.id}/regenerate`, CALL);
    expect(early.status).toBe(409);
    expect(await early.json()).toMatchObject({
      error: { code: 'not-finished', message: '这条回复还在生成中。' },
    });
    turn.end(reply('.'));
    await waiting;
  });

  test.each([
    ['turn-limit', 429, 'turn-limit', '60'],
    ['token-limit', 429, 'token-limit', '3600'],
    ['nothing', 404, 'not-found', null],
  ] as const)(
    'is not answered again where %s forbids it, and says so',
    async (reason, status, code, wait) => {
      open.bot.onAccepted = (turn) => turn.end(reply('First.'));
      await open.post('/api/question', ASK);
      const turn = await open.bot.turn();
      open.bot.regenerationRefused = { type: 'refused', reason, text: 'Not now.' };
      const refused = await open.post(`/api/turns/${turn.id}/regenerate`, CALL);
      expect(refused.status).toBe(status);
      expect(refused.headers.get('retry-after')).toBe(wait);
      expect(await refused.json()).toMatchObject({ error: { code, message: 'Not now.' } });
    },
  );

  test('takes votes', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    await open.post('/api/question', ASK);
    const { id } = await open.bot.turn();
    expect(await json(open.post(`/api/turns/${id}/vote`, { ...CALL, vote: -1 }))).toEqual({
      turn_id: id,
      vote: -1,
    });
    expect(open.bot.votes).toMatchObject([{ turnId: id, author: { key: 'web/ann' }, vote: -1 }]);
    expect((await open.post(`/api/turns/${id}/vote`, { ...CALL, vote: 2 })).status).toBe(400);
    const comment = (text: string) => open.post(`/api/turns/${id}/vote`, { ...CALL, vote: 1, comment: text });
    expect((await comment('x'.repeat(2_000))).status).toBe(200);
    expect(open.bot.votes.at(-1)).toMatchObject({ vote: 1, comment: 'x'.repeat(2_000) });
    expect(await (await comment('x'.repeat(2_001))).json()).toMatchObject({
      error: { message: 'comment must be at most 2000 characters long.' },
    });
  });

  test('of another conversation, platform, or none at all is a 404', async () => {
    open.bot.onAccepted = (turn) => turn.end(reply('.'));
    await open.post('/api/question', ASK);
    const { id, message } = await open.bot.turn();
    for (const action of ['stop', 'regenerate', 'vote']) {
      const vote = action === 'vote' ? { vote: 1 } : {};
      const call = (turn: string, conversation_id = 'c1') =>
        open.post(`/api/turns/${turn}/${action}`, { ...CALL, ...vote, conversation_id });
      expect((await call(String(id), 'c2')).status).toBe(404);
      for (const other of ['999', '0', '-1', '1e3', 'abc', '99999999999']) {
        expect((await call(other)).status).toBe(404);
      }
    }
    Object.assign(message, { target: { platform: 'discord', conversation: 'c1' } });
    expect((await open.post(`/api/turns/${id}/stop`, CALL)).status).toBe(404);
    expect(open.bot.stopped).toEqual([]);
  });
});
