import { DAY_MS } from '../../parts/duration.js';

/** When something was, as people say it: by days of the calendar where they are. */
export function periodOf(then: Date, now: Date): string {
  const days = Math.round((startOfDay(now) - startOfDay(then)) / DAY_MS);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days <= 7) return 'Last 7 days';
  return days <= 30 ? 'Last 30 days' : 'Earlier';
}

/** Cuts a list that is in the order of time where the period changes. */
export function byPeriod<T>(
  items: readonly T[],
  when: (item: T) => Date,
  now: Date,
): { readonly period: string; readonly items: readonly T[] }[] {
  const groups: { period: string; items: T[] }[] = [];
  for (const item of items) {
    const period = periodOf(when(item), now);
    const last = groups.at(-1);
    if (last?.period === period) last.items.push(item);
    else groups.push({ period, items: [item] });
  }
  return groups;
}

/** A day has 23 to 25 hours: whoever divides rounds. */
function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
