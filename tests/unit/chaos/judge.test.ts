import { describe, expect, test } from 'vitest';
import { judge, type Question } from '../../chaos/judge.js';
import { markedWords } from '../../chaos/marked-words.js';
import type { StoredTurn } from '../../chaos/stored-turns.js';

const TALK = 'discord/1';

function asked(n: number, over: Partial<Question> = {}): Question {
  const times = { askedAt: n * 100, takenAt: n * 100 + 10 };
  return { tag: `t${n}`, conversation: TALK, key: `${TALK}/m${n}`, mayBeMissed: false, ...times, ...over };
}

const reply = (n: number, generation = 1) => markedWords(`t${n}`, generation, 40).join('');

function stored(n: number, over: Partial<StoredTurn> = {}): StoredTurn {
  const ended = { state: 'done', failure: null, attempts: 1, finishedAt: n * 1_000 };
  return { id: n, key: `${TALK}/m${n}`, reply: reply(n), ...ended, ...over };
}

const shown = (...texts: string[]) => new Map([[TALK, texts]]);

describe('the judge of a run', () => {
  test('finds nothing where each question has its one answer, also in several messages', () => {
    const [first = '', second = ''] = reply(2).split('\n\n');
    const verdict = judge([asked(1), asked(2)], [stored(1), stored(2)], shown(reply(1), first, second));
    expect(verdict).toMatchObject({
      sent: 2,
      answeredOnce: 2,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      unequal: 0,
    });
    expect(verdict.findings).toEqual([]);
  });

  test.each([
    ['never recorded', [], []],
    ['not ended', [stored(1, { state: 'running', finishedAt: null })], [reply(1)]],
    ['not shown', [stored(1)], []],
  ])('calls a question lost that was %s', (_name, turns, texts) => {
    expect(judge([asked(1)], turns, shown(...texts))).toMatchObject({ sent: 1, lost: 1, answeredOnce: 0 });
  });

  test('counts apart what nobody may have heard', () => {
    const verdict = judge([asked(1, { mayBeMissed: true })], [], shown());
    expect(verdict).toMatchObject({ sent: 0, missed: 1, lost: 0 });
  });

  test.each([
    ['the whole answer', [reply(1), reply(1)]],
    ['a part of it', [reply(1), reply(1).split('\n\n')[1] ?? '']],
    ['a placeholder', [reply(1), '…']],
  ])('sees %s said twice', (_name, texts) => {
    expect(judge([asked(1)], [stored(1)], shown(...texts)).doubled).toBe(1);
  });

  test.each([
    ['is cut', reply(1).slice(0, 100)],
    ['is of another attempt', reply(1, 2)],
    ['mixes attempts', `${reply(1, 2).slice(0, 50)}${reply(1).slice(50)}`],
  ])('sees a text that %s', (_name, text) => {
    expect(judge([asked(1)], [stored(1)], shown(text)).unequal).toBe(1);
  });

  test('sees answers in the wrong order, by when they were recorded and when they ended', () => {
    const texts = shown(reply(1), reply(2));
    const late = [stored(1, { finishedAt: 3_000 }), stored(2)];
    expect(judge([asked(1), asked(2)], late, texts).outOfOrder).toBe(1);
    const swapped = [stored(1, { id: 2 }), stored(2, { id: 1 })];
    expect(judge([asked(1), asked(2)], swapped, texts).outOfOrder).toBe(1);
  });

  test('asks for no order where the bot had the first question only after the second was written', () => {
    const swapped = [stored(1, { id: 2, finishedAt: 3_000 }), stored(2, { id: 1 })];
    const verdict = judge([asked(1, { takenAt: 250 }), asked(2)], swapped, shown(reply(1), reply(2)));
    expect(verdict.outOfOrder).toBe(0);
  });

  test('counts a notice of failure as such', () => {
    const turn = stored(1, { state: 'failed', reply: '', failure: 'bug' });
    expect(judge([asked(1)], [turn], shown('Something went wrong.'))).toMatchObject({
      failed: 1,
      doubled: 0,
    });
  });
});
