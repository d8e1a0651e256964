import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseSlot, type SlotView } from '../../../../workers/engine/choose-slot.js';

const slot = (over: Partial<SlotView> = {}): SlotView => ({
  busy: false,
  cacheKey: null,
  lastUsed: 0,
  ...over,
});

test('a conversation goes back to its own slot', () => {
  const slots = [slot(), slot({ cacheKey: 'mine', lastUsed: 9 }), slot()];

  expect(chooseSlot(slots, 'mine')).toBe(1);
});

test('the lowest of unused slots comes first', () => {
  expect(chooseSlot([slot(), slot(), slot()], 'new')).toBe(0);
});

test('the conversation longest silent gives up its slot', () => {
  const slots = [3, 1, 2].map((lastUsed) => slot({ cacheKey: `other-${lastUsed}`, lastUsed }));

  expect(chooseSlot(slots, 'new')).toBe(1);
});

test('busy slots stay together', () => {
  const slots = [slot(), slot(), slot({ busy: true, lastUsed: 5 }), slot({ cacheKey: 'old', lastUsed: 4 })];

  expect(chooseSlot(slots, 'new')).toBe(1);
});

test('a slot is found if and only if one is idle, and it is idle', () => {
  const anySlot = fc.record({
    busy: fc.boolean(),
    cacheKey: fc.option(fc.constantFrom('a', 'b', 'c')),
    lastUsed: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(anySlot, { maxLength: 8 }), (slots) => {
      const chosen = chooseSlot(slots, 'a');

      if (chosen === null) expect(slots.every((slot) => slot.busy)).toBe(true);
      else expect(slots[chosen]?.busy).toBe(false);
    }),
  );
});
