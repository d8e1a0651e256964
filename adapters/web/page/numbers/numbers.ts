import { callApi } from '../api/call-api.js';
import { apiQuery, type Filters } from './filters.js';

/** Half, and 95 of 100, are at most so much. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

export interface Tokens {
  readonly prompt_tokens: number;
  /** Of the prompts' tokens, those a model had read before. */
  readonly cached_tokens: number;
  readonly reply_tokens: number;
  readonly replaced_tokens: number;
}

interface Spreads {
  readonly first_token_ms: Spread | null;
  readonly first_text_ms: Spread | null;
  readonly conversation_turns: Spread | null;
}

export interface DayNumbers extends Tokens, Spreads {
  readonly day: string;
  readonly turns: number;
  readonly failed: number;
  readonly users: number;
  readonly conversations: number;
  readonly tokens_per_second: number | null;
}

export interface PlatformDay {
  readonly day: string;
  readonly platform: string;
  readonly turns: number;
  readonly users: number;
}

export interface ModelNumbers extends Tokens {
  readonly model: string;
  readonly turns: number;
  readonly tokens_per_second: number | null;
  readonly estimated_cost: number | null;
}

export interface OutcomeNumbers {
  readonly outcome: 'done' | 'failed' | 'cancelled' | 'open';
  readonly kind: string | null;
  readonly turns: number;
}

export interface FeedbackNumbers {
  readonly model: string;
  readonly persona: string;
  readonly up: number;
  readonly down: number;
}

export interface PersonNumbers {
  readonly key: string;
  /** Empty where it was forgotten. */
  readonly name: string;
  readonly turns: number;
  readonly tokens: number;
}

/** What GET /api/admin/numbers answers. */
export interface NumbersBody extends Spreads {
  readonly currency: string;
  /** In the whole range, each counted once. */
  readonly users: number;
  readonly conversations: number;
  readonly conversation_length: Spread | null;
  readonly people: readonly PersonNumbers[] | null;
  readonly choices: { readonly platforms: readonly string[]; readonly models: readonly string[] };
  readonly days: readonly DayNumbers[];
  readonly platforms: readonly PlatformDay[];
  readonly models: readonly ModelNumbers[];
  readonly outcomes: readonly OutcomeNumbers[];
  readonly feedback: readonly FeedbackNumbers[];
}

/** @throws {ApiError} */
export function fetchNumbers(filters: Filters, signal: AbortSignal): Promise<NumbersBody> {
  return callApi(`/api/admin/numbers?${apiQuery(filters)}`, { signal });
}

/** Where one table of what is shown can be had as CSV. */
export function csvAddress(filters: Filters, table: string): string {
  const query = apiQuery(filters);
  query.set('table', table);
  return `/api/admin/numbers.csv?${query}`;
}
