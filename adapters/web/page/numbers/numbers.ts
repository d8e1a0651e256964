import type { Api, Numbers } from '../api/api-types.js';
import { callApi } from '../api/call-api.js';
import { apiAddress } from '../api/operations.js';
import { apiQuery, type Filters } from './filters.js';

/** Parts of what the API answers, where its document has no name for them. */
export type DayNumbers = Numbers['days'][number];
export type Spread = NonNullable<DayNumbers['first_token_ms']>;
export type NumberTable = Api['GET /api/admin/numbers.csv']['query']['table'];

/** @throws {ApiError} */
export function fetchNumbers(filters: Filters, signal: AbortSignal): Promise<Numbers> {
  return callApi('GET /api/admin/numbers', { query: apiQuery(filters), signal });
}

/** Where one table of what is shown can be had as CSV. */
export function csvAddress(filters: Filters, table: NumberTable): string {
  return apiAddress('GET /api/admin/numbers.csv', { query: { ...apiQuery(filters), table } });
}
