import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catchUp } from '../../../../../adapters/web/conversations/answer-text.js';
import { withText } from '../../../../../adapters/web/conversations/watch-turn.js';

const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 8 });

test('a client that appends has the last text in the end, whatever came before', () => {
  fc.assert(
    fc.property(texts, fc.string({ unit: 'binary' }), (targets, last) => {
      let client = '';
      let sent = '';
      for (const [index, target] of [...targets, last].entries()) {
        const step = catchUp(sent, target, index === targets.length);
        client = (step.reset ? '' : client) + step.delta;
        sent = step.sent;
        expect(sent).toBe(client);
      }
      expect(client).toBe(last);
    }),
  );
});

test('a text that only grows is sent once, without a reset, and no delta halves a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(40)), (text, cuts) => {
      let sent = '';
      const deltas: string[] = [];
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        const step = catchUp(sent, text.slice(0, cut), false);
        expect(step.reset).toBe(false);
        if (step.delta !== '') deltas.push(step.delta);
        sent = step.sent;
      }
      expect(deltas.every((delta) => delta.isWellFormed())).toBe(true);
      expect(deltas.join('') + catchUp(sent, text, true).delta).toBe(text);
    }),
  );
});

test('an answer that begins again and writes the same is not reset', () => {
  const half = catchUp('One two', 'One', false);
  expect(half).toEqual({ reset: false, delta: '', sent: 'One two' });
  expect(catchUp(half.sent, 'One two three', false)).toMatchObject({ reset: false, delta: ' three' });
});

test('a watcher that missed a piece has nothing until a whole text comes', () => {
  expect(withText('One', { type: 'text', offset: 3, text: ' two' })).toBe('One two');
  expect(withText('One', { type: 'text', offset: 9, text: ' ten' })).toBeNull();
  expect(withText(null, { type: 'text', offset: 3, text: ' two' })).toBeNull();
  expect(withText(null, { type: 'text', offset: 0, text: 'All' })).toBe('All');
});
