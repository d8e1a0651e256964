import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BLANK_DELTAS,
  createAnswerGuard,
  DEGENERATE_REPEATS,
  LOOP_REPEATS,
} from '../../../src/routing/answer-guard.js';

describe('the answer guard', () => {
  test('shows a good answer one token late, then at once', () => {
    const guard = createAnswerGuard();

    expect(guard.push('The')).toEqual({ text: '', verdict: 'fine' });
    expect(guard.push(' fox')).toEqual({ text: 'The fox', verdict: 'fine' });
    expect(guard.push(' runs')).toEqual({ text: ' runs', verdict: 'fine' });
    expect(guard.flush()).toBe('');
  });

  test('shows an answer of a single token when it ends', () => {
    const guard = createAnswerGuard();
    guard.push('Yes');

    expect(guard.flush()).toBe('Yes');
  });

  test('shows a few repetitions: people laugh', () => {
    const guard = createAnswerGuard();
    for (const delta of ['ha', ' ha', ' ha']) expect(guard.push(delta).text).toBe('');

    expect(guard.flush()).toBe('ha ha ha');
  });

  test.each([[[]], [[' ', '\n', '\t']]])('has no answer in %j', (deltas) => {
    const guard = createAnswerGuard();
    for (const delta of deltas) guard.push(delta);

    expect(guard.flush()).toBeNull();
  });

  test('calls one token repeated from the start degenerate, and shows none of it', () => {
    const guard = createAnswerGuard();
    const verdicts = Array.from({ length: DEGENERATE_REPEATS }, () => guard.push('!'));

    expect(verdicts.map(({ verdict }) => verdict).indexOf('degenerate')).toBe(DEGENERATE_REPEATS - 1);
    expect(verdicts.every(({ text }) => text === '')).toBe(true);
  });

  test('does not wait for ever for the end of whitespace', () => {
    const guard = createAnswerGuard();
    const verdicts = Array.from({ length: BLANK_DELTAS }, () => guard.push('\n').verdict);

    expect(verdicts.at(-1)).toBe('degenerate');
    expect(verdicts.at(-2)).toBe('fine');
  });

  test('notices a loop late in a reply', () => {
    const guard = createAnswerGuard();
    guard.push('Well');
    guard.push(' then');
    const verdicts = Array.from({ length: LOOP_REPEATS }, () => guard.push(' no').verdict);

    expect(verdicts.indexOf('looping')).toBe(LOOP_REPEATS - 1);
  });

  test('loses and adds nothing, whatever a model says that is not degenerate', () => {
    const Delta = fc.constantFrom('a', ' b', '\n', ' ', '好', 'c ');
    fc.assert(
      fc.property(fc.array(Delta, { maxLength: 40 }), (deltas) => {
        const guard = createAnswerGuard();
        const results = deltas.map((delta) => guard.push(delta));
        fc.pre(results.every(({ verdict }) => verdict === 'fine'));
        const shown = results.map(({ text }) => text).join('') + (guard.flush() ?? '');
        expect(shown).toBe(deltas.join('').trim() === '' ? '' : deltas.join(''));
      }),
    );
  });
});
