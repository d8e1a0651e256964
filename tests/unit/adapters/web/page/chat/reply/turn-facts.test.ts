import { expect, test } from 'vitest';
import { factsOf } from '../../../../../../../adapters/web/page/chat/reply/turn-facts.js';
import { newTurn } from '../../../../../../../adapters/web/page/chat/turns/turn.js';

const answered = { ...newTurn('new-1', 'Why?'), model: 'small' };

test('an answer is told with what answered, how much, how fast and how soon', () => {
  expect(factsOf({ ...answered, replyTokens: 1, tokensPerSecond: 4.26, firstTokenMs: 320.4 })).toEqual([
    'small',
    '1 token',
    '4.3 tokens/s',
    'first after 320 ms',
  ]);
  expect(factsOf({ ...answered, replyTokens: 12_345, tokensPerSecond: 41.5, firstTokenMs: 1_234 })).toEqual([
    'small',
    '12,345 tokens',
    '42 tokens/s',
    'first after 1.2 s',
  ]);
});

test('what is not known of an answer is not told', () => {
  expect(factsOf({ ...answered, replyTokens: 3 })).toEqual(['small', '3 tokens']);
  expect(factsOf(newTurn('new-1', 'Why?'))).toEqual([]);
});
