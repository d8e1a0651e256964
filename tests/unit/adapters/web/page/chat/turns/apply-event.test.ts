import { expect, test } from 'vitest';
import { applyEvent } from '../../../../../../../adapters/web/page/chat/turns/apply-event.js';
import { newTurn } from '../../../../../../../adapters/web/page/chat/turns/turn.js';

const done = {
  answer: 'Blue.',
  turn_id: 7,
  model: 'small',
  usage: { reply_tokens: 2 },
  finish_reason: 'stop',
  first_token_ms: 320,
  tokens_per_second: 41.5,
};
const asked = newTurn('new-1', 'What colour is the sky?');

function after(...events: readonly (readonly [name: string, data: unknown])[]) {
  return events.reduce((turn, [name, data]) => applyEvent(turn, { name, data }), asked);
}

test('writes an answer as it comes, and keeps the one that it ends with', () => {
  expect(after(['accepted', { turn_id: 7 }], ['queued', { ahead: 2 }])).toMatchObject({
    turnId: 7,
    ahead: 2,
    state: 'waiting',
  });
  expect(after(['queued', { ahead: 2 }], ['delta', { text: 'Bl' }], ['delta', { text: 'u' }])).toMatchObject({
    answer: 'Blu',
    ahead: 0,
    state: 'writing',
  });
  expect(after(['delta', { text: 'Blu' }], ['done', done])).toMatchObject({
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
  expect(after(['delta', { text: 'Gree' }], ['reset', {}], ['delta', { text: 'Bl' }]).answer).toBe('Bl');
});

test('says why an answer ended early', () => {
  expect(after(['done', { ...done, finish_reason: 'length' }]).notice).toContain('longest length');
  expect(after(['done', { ...done, finish_reason: 'stopped' }]).state).toBe('stopped');
  expect(
    after(['error', { error: { code: 'cancelled', message: 'Stopped before it had an answer.' } }]).state,
  ).toBe('stopped');
  expect(
    after(['error', { error: { code: 'answer-failed', message: 'The model is out of reach.' } }]),
  ).toMatchObject({
    state: 'failed',
    notice: 'The model is out of reach.',
  });
});
