import type { Api } from '../api/api-types.js';
import { DAY_MS } from '../parts/duration.js';

/** What is asked of the numbers, as the address holds it. Days are UTC, as in `2026-11-21`. */
export interface Filters {
  /** So many days up to today; null where `from` and `to` say which. */
  readonly days: number | null;
  readonly from: string;
  /** The last day, included. */
  readonly to: string;
  /** Empty: all of them. */
  readonly platform: string;
  readonly model: string;
  /** Whether people are named. */
  readonly names: boolean;
}

export const RANGES = [7, 30, 90, 365] as const;
const DEFAULT_DAYS = 30;

/** Reads the address; what is not understood there is left to the API to refuse. */
export function readFilters(query: URLSearchParams, nowMs: number): Filters {
  const today = dayOf(nowMs);
  const [from, to] = [query.get('from'), query.get('to')];
  const asked = Number(query.get('days'));
  const days = RANGES.find((range) => range === asked) ?? DEFAULT_DAYS;
  const custom = from !== null || to !== null;
  const last = to ?? today;
  return {
    days: custom ? null : days,
    from: custom ? (from ?? last) : dayOf(nowMs - (days - 1) * DAY_MS),
    to: last,
    platform: query.get('platform') ?? '',
    model: query.get('model') ?? '',
    names: query.get('names') === 'yes',
  };
}

/** The address that shows these numbers, the shortest there is. */
export function addressOf({ days, from, to, ...rest }: Filters): string {
  const query = new URLSearchParams(filterQuery(rest));
  if (days === null) {
    query.set('from', from);
    query.set('to', to);
  } else if (days !== DEFAULT_DAYS) query.set('days', String(days));
  return query.size === 0 ? '/numbers' : `/numbers?${query}`;
}

/** The same as the API takes it. */
export function apiQuery({ from, to, ...rest }: Filters): Api['GET /api/admin/numbers']['query'] {
  return { ...filterQuery(rest), from, to };
}

function filterQuery({ platform, model, names }: Pick<Filters, 'platform' | 'model' | 'names'>) {
  return {
    ...(platform !== '' && { platform }),
    ...(model !== '' && { model }),
    ...(names && ({ names: 'yes' } as const)),
  };
}

/** Every day of a range, oldest first. @param most - days, so that a range gone wrong ends */
export function daysBetween(from: string, to: string, most = 400): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length < most; at += DAY_MS) {
    days.push(dayOf(at));
  }
  return days;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
