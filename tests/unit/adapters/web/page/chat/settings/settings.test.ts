import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyChange,
  isEmpty,
  joinChanges,
  NOTHING_SET,
  type SettingsChange,
} from '../../../../../../../adapters/web/page/chat/settings/settings.js';

const word = fc.option(fc.constantFrom('a', 'b', 'c'));
const number = fc.option(fc.constantFrom(0, 0.5, 1));
const change: fc.Arbitrary<SettingsChange> = fc.record(
  {
    model: word,
    persona: word,
    language: fc.option(fc.constantFrom('auto', 'en', 'zh')),
    system_prompt: word,
    parameters: fc.record({ temperature: number, top_k: number, max_tokens: number }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

test('two changes as one do what they do one after the other', () => {
  fc.assert(
    fc.property(change, change, change, (before, first, then) => {
      const settings = applyChange(NOTHING_SET, before);
      expect(applyChange(settings, joinChanges(first, then))).toEqual(
        applyChange(applyChange(settings, first), then),
      );
    }),
  );
});

test('takes back one parameter and keeps the others', () => {
  const set = applyChange(NOTHING_SET, { parameters: { temperature: 0, top_k: 5 } });
  expect(applyChange(set, { parameters: { temperature: null } }).parameters).toEqual({ top_k: 5 });
});

test('knows a change of nothing', () => {
  expect(isEmpty({})).toBe(true);
  expect(isEmpty(joinChanges({}, { model: null }))).toBe(false);
});
