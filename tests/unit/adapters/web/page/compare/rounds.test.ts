import { expect, test } from 'vitest';
import { newTurn, type ShownTurn, type Vote } from '../../../../../../adapters/web/page/chat/turns/turn.js';
import { isComparable, pairTurns, verdictOf } from '../../../../../../adapters/web/page/compare/rounds.js';

const turns = (side: string, questions: string): ShownTurn[] =>
  [...questions].map((question, place) => newTurn(`${side}${place}`, question));
const paired = (first: string, second: string) =>
  pairTurns(turns('a', first), turns('b', second)).map(
    ({ question, turns: [one, other] }) => `${question}:${one?.key ?? '-'}${other?.key ?? '-'}`,
  );

test('pairs the turns of two conversations, of which either may lack some', () => {
  expect(paired('xyz', 'xyz')).toEqual(['x:a0b0', 'y:a1b1', 'z:a2b2']);
  expect(paired('xz', 'xyz')).toEqual(['x:a0b0', 'y:-b1', 'z:a1b2']);
  expect(paired('xyz', 'z')).toEqual(['x:a0-', 'y:a1-', 'z:a2b0']);
  expect(paired('xx', 'x')).toEqual(['x:a0b0', 'x:a1-']);
  expect(paired('', 'x')).toEqual(['x:-b0']);
});

test('reads the verdict from the votes, and compares only answers that came to their end', () => {
  const round = (first: Vote, second: Vote, state: ShownTurn['state'] = 'done') => ({
    key: 'k',
    question: 'q',
    turns: [
      { ...newTurn('a', 'q'), turnId: 1, state: 'done', vote: first },
      { ...newTurn('b', 'q'), turnId: 2, state, vote: second },
    ] as [ShownTurn, ShownTurn],
  });
  expect(verdictOf(round(1, -1))).toBe('first');
  expect(verdictOf(round(-1, 1))).toBe('second');
  expect(verdictOf(round(1, 1))).toBe('good');
  expect(verdictOf(round(-1, -1))).toBe('bad');
  expect(verdictOf(round(1, 0))).toBeNull();
  expect(isComparable(round(0, 0))).toBe(true);
  expect(isComparable(round(0, 0, 'stopped'))).toBe(false);
});
