import { expect, test } from 'vitest';
import type { Conversations } from '../../../../../../../adapters/web/page/api/api-types.js';
import { renewed } from '../../../../../../../adapters/web/page/chat/list/listed.js';
import { byPeriod, periodOf } from '../../../../../../../adapters/web/page/chat/list/periods.js';

/** Conversations by the minute of their last turn. */
function page(
  earlier: number | null,
  ...minutes: readonly (readonly [id: string, minute: number])[]
): Conversations {
  const conversations = minutes.map(([id, minute]) => ({
    conversation_id: id,
    title: id,
    turns: 1,
    updated_at: `2026-01-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
    created_at: '2026-01-01T09:00:00.000Z',
  }));
  return { conversations, earlier };
}
const ids = ({ conversations }: Conversations) => conversations.map(({ conversation_id }) => conversation_id);

test('a list read anew keeps the later pages that were loaded, each conversation once', () => {
  const shown = page(7, ['d', 40], ['c', 30], ['b', 20], ['a', 10]);
  const joined = renewed(page(30, ['b', 50], ['d', 40], ['c', 30]), shown);
  expect(ids(joined)).toEqual(['b', 'd', 'c', 'a']);
  expect(joined.earlier).toBe(7);
});

test('a list read anew says itself where it goes on, while no later page is shown', () => {
  const fresh = page(30, ['d', 40], ['c', 30]);
  expect(renewed(fresh, page(30, ['c', 30], ['d', 20]))).toEqual(fresh);
  expect(renewed(page(null, ['d', 40]), page(7, ['d', 40], ['a', 10]))).toEqual(page(null, ['d', 40]));
  expect(renewed(page(null), page(7, ['a', 10]))).toEqual(page(null));
});

test('a conversation is of the day on which something was last said, where the reader is', () => {
  const now = new Date(2026, 2, 10, 0, 5);
  const at = (day: number, hour: number) => periodOf(new Date(2026, 2, day, hour), now);
  expect([at(10, 0), at(9, 23), at(9, 0), at(8, 23), at(3, 0), at(2, 23), at(-21, 0)]).toEqual([
    'Today',
    'Yesterday',
    'Yesterday',
    'Last 7 days',
    'Last 7 days',
    'Last 30 days',
    'Earlier',
  ]);
  expect(periodOf(new Date(2026, 2, 10, 9), now)).toBe('Today');
});

test('a list is cut where the period changes', () => {
  const now = new Date(2026, 2, 10, 12);
  const days = [new Date(2026, 2, 10, 11), new Date(2026, 2, 10, 1), new Date(2026, 2, 9)];
  expect(byPeriod(days, (day) => day, now)).toEqual([
    { period: 'Today', items: days.slice(0, 2) },
    { period: 'Yesterday', items: days.slice(2) },
  ]);
  expect(byPeriod([], (day: Date) => day, now)).toEqual([]);
});
