import { expect, test } from 'vitest';
import type { Answer } from '../../../../../../../adapters/web/page/api/api-types.js';
import type { AnswerEvent } from '../../../../../../../adapters/web/page/api/call-events.js';
import { applyEvent } from '../../../../../../../adapters/web/page/chat/turns/apply-event.js';
import { newTurn } from '../../../../../../../adapters/web/page/chat/turns/turn.js';

const done: Answer = {
  answer: 'Blue.',
  conversation_id: 'sky',
  turn_id: 7,
  model: 'small',
  usage: { prompt_tokens: 12, cached_tokens: 0, reply_tokens: 2 },
  finish_reason: 'stop',
  first_token_ms: 320,
  tokens_per_second: 41.5,
};
const asked = newTurn('new-1', 'What colour is the sky?');

const after = (...events: readonly AnswerEvent[]) => events.reduce(applyEvent, asked);
const delta = (text: string): AnswerEvent => ({ event: 'delta', data: { text } });
const queued: AnswerEvent = { event: 'queued', data: { ahead: 2 } };

test('writes an answer as it comes, and keeps the one that it ends with', () => {
  const accepted: AnswerEvent = { event: 'accepted', data: { conversation_id: 'sky', turn_id: 7 } };
  expect(after(accepted, queued)).toMatchObject({ turnId: 7, ahead: 2, state: 'waiting' });
  expect(after(queued, delta('Bl'), delta('u'))).toMatchObject({ answer: 'Blu', ahead: 0, state: 'writing' });
  expect(after(delta('Blu'), { event: 'done', data: done })).toMatchObject({
    answer: 'Blue.',
    state: 'done',
    notice: '',
    model: 'small',
    replyTokens: 2,
    firstTokenMs: 320,
    tokensPerSecond: 41.5,
  });
});

test('drops what was written when the answer begins again', () => {
  expect(after(delta('Gree'), { event: 'reset', data: {} }, delta('Bl')).answer).toBe('Bl');
});

test('says why an answer ended early', () => {
  const ended = (reason: Answer['finish_reason']) =>
    after({ event: 'done', data: { ...done, finish_reason: reason } });
  expect(ended('length').notice).toContain('longest length');
  expect(ended('stopped').state).toBe('stopped');
  const failed = (code: 'cancelled' | 'answer-failed', message: string) =>
    after({ event: 'error', data: { error: { code, message } } });
  expect(failed('cancelled', 'Stopped before it had an answer.').state).toBe('stopped');
  expect(failed('answer-failed', 'The model is out of reach.')).toMatchObject({
    state: 'failed',
    notice: 'The model is out of reach.',
  });
});

test('an event of another name changes nothing', () => {
  const unknown: object = { event: 'thought', data: { text: 'Hm.' } };
  expect(applyEvent(asked, unknown as AnswerEvent)).toEqual(asked);
});
