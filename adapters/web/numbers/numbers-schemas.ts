import { z } from '@hono/zod-openapi';
import { DAY_MS } from '../../../src/domain/time/duration.js';

/** Most days of one answer. */
export const MOST_DAYS = 400;

const day = () =>
  z.string().refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && dayOf(Date.parse(text)) === text, {
    error: 'must be a day as in 2026-11-21',
  });

/** The tables of numbers that can be had as CSV. */
export const NUMBER_TABLES = ['days', 'platforms', 'models', 'outcomes', 'feedback', 'people'] as const;
export type NumberTable = (typeof NUMBER_TABLES)[number];

const Filters = z.object({
  from: day().optional().openapi({ description: 'First day (UTC); 29 days before `to` where left out.' }),
  to: day().optional().openapi({ description: 'Last day (UTC), included; today where left out.' }),
  platform: z.string().min(1).max(64).optional().openapi({ description: 'Of this platform alone.' }),
  model: z.string().min(1).max(128).optional().openapi({ description: 'Of this model (alias) alone.' }),
  names: z
    .enum(['yes', 'no'])
    .optional()
    .openapi({ description: 'Whether people are named; no where left out.' }),
});

export const NumbersCall = Filters.openapi('NumbersQuery');
export const NumbersCsvCall = Filters.extend({
  table: z.enum(NUMBER_TABLES).openapi({ description: 'Which table.' }),
});

/** What a call asks for, with the defaults in place. */
export function rangeOf(
  given: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
): { readonly from: string; readonly to: string; readonly days: number } {
  const to = given.to ?? dayOf(nowMs);
  const from = given.from ?? dayOf(Date.parse(to) - 29 * DAY_MS);
  return { from, to, days: Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1 };
}

function dayOf(ms: number): string {
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 10);
}

const count = () => z.number().int().min(0);
const spread = (description: string) =>
  z
    .object({ p50: z.number().min(0), p95: z.number().min(0) })
    .nullable()
    .openapi({ description: `${description} Within 5%; null where nothing was measured.` });

const TOKENS = {
  prompt_tokens: count(),
  cached_tokens: count().openapi({ description: 'Of the prompt tokens, those the model had read before.' }),
  reply_tokens: count(),
  replaced_tokens: count().openapi({ description: 'Of answers that were made again.' }),
};

const SPREADS = {
  first_token_ms: spread('From the request to the model until its first token.'),
  first_text_ms: spread('From the question until text of the answer could be seen.'),
  conversation_turns: spread('Turns of one conversation on one day.'),
};

export const NumbersBody = z
  .object({
    from: z.string(),
    to: z.string(),
    platform: z.string().nullable(),
    model: z.string().nullable(),
    rolled_up_to: z.string().nullable().openapi({
      description: 'The last day that was added up. Three days at most after it are counted as they are now.',
    }),
    currency: z.string(),
    users: count().openapi({ description: 'People who asked in the range, each counted once.' }),
    conversations: count().openapi({ description: 'That went on in the range, each counted once.' }),
    conversation_length: z
      .object({ p50: count(), p95: count() })
      .nullable()
      .openapi({ description: 'Turns of these conversations from their first to the end of the range.' }),
    days: z.array(
      z.object({
        day: z.string(),
        turns: count(),
        failed: count(),
        users: count(),
        conversations: count(),
        ...TOKENS,
        tokens_per_second: z.number().nullable(),
        ...SPREADS,
      }),
    ),
    platforms: z.array(z.object({ day: z.string(), platform: z.string(), turns: count(), users: count() })),
    models: z.array(
      z.object({
        model: z.string().openapi({ description: 'Empty where no model came to be chosen.' }),
        turns: count(),
        ...TOKENS,
        tokens_per_second: z.number().nullable(),
        estimated_cost: z.number().nullable().openapi({
          description: 'By the prices in parley.config.yaml; null where the model has none.',
        }),
      }),
    ),
    outcomes: z.array(
      z.object({
        outcome: z.enum(['done', 'failed', 'cancelled', 'open']),
        kind: z.string().nullable().openapi({ description: 'Why it failed.' }),
        turns: count(),
      }),
    ),
    feedback: z.array(z.object({ model: z.string(), persona: z.string(), up: count(), down: count() })),
    people: z
      .array(z.object({ key: z.string(), name: z.string(), turns: count(), tokens: count() }))
      .nullable()
      .openapi({ description: 'Who asked most, 50 at most; null unless `names` is yes.' }),
    choices: z
      .object({ platforms: z.array(z.string()), models: z.array(z.string()) })
      .openapi({ description: 'What there is to filter by in the range.' }),
    ...SPREADS,
  })
  .openapi('Numbers');
