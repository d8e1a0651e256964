import { z } from '@hono/zod-openapi';

/** How many a page holds where the query does not say. */
export const DEFAULT_PAGE = 50;

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed() && !value.includes('\0'), {
      error: 'must be well-formed Unicode without NUL characters',
    });

const cursor = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, { error: 'must be the `earlier` of the page before' })
  .transform(Number)
  .pipe(z.int().max(2_147_483_647))
  .optional()
  .openapi({ description: 'The `earlier` of the page before.' });

const limit = (max: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, { error: `must be a whole number from 1 to ${max}` })
    .transform(Number)
    .pipe(z.int().min(1).max(max))
    .optional()
    .openapi({ description: `1 to ${max}; ${Math.min(DEFAULT_PAGE, max)} where left out.` });

const search = text(200).optional();

export const QueueQuery = z.strictObject({
  state: z.enum(['waiting', 'running', 'failed']).optional().openapi({ description: 'waiting if left out.' }),
  before: cursor,
  limit: limit(200),
  show_text: z
    .enum(['yes', 'no'])
    .optional()
    .openapi({ description: 'yes: with what was asked. no where left out.' }),
});

export const UsersQuery = z.strictObject({
  search: search.openapi({ description: 'Part of a key or name, in any case.' }),
  after: text(400).optional().openapi({ description: 'The `next` of the page before.' }),
  limit: limit(50),
});

export const PlacesQuery = z.strictObject({
  platform: z.enum(['discord', 'slack', 'web']).optional(),
  search: search.openapi({ description: "Part of a workspace's, channel's or thread's id, in any case." }),
  before: cursor,
  limit: limit(200),
});

export const KeyPath = z.object({
  key: text(400).openapi({ description: 'As listed, percent-encoded as one segment of the path.' }),
});

export const ApiKeyPath = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, { error: 'must be the `id` of an API key' })
    .transform(Number)
    .pipe(z.int().max(2_147_483_647)),
});

export const TurnPath = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, { error: 'must be a turn id' })
    .transform(Number)
    .pipe(z.int().max(2_147_483_647)),
});
