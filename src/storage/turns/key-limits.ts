import type { ApiKeyId } from '../../domain/api-key.js';
import { DAY_MS, MINUTE_MS } from '../../domain/time/duration.js';
import { Prisma } from '../generated/client.js';
import { byApiKey, tokensUsed, turnsUsed } from './author-usage.js';

/**
 * For a CASE that says which limit is reached: `key-turns` or `key-tokens`, by what `api_key` says at this moment.
 * Nothing is counted that has no limit.
 */
export function overKeyLimits(id: ApiKeyId): Prisma.Sql {
  const by = byApiKey(id);
  return Prisma.sql`
    WHEN (SELECT CASE WHEN turns_per_minute IS NOT NULL THEN turns_per_minute <= ${turnsUsed(by, MINUTE_MS)} END
          FROM api_key WHERE id = ${id}) THEN 'key-turns'
    WHEN (SELECT CASE WHEN tokens_per_day IS NOT NULL THEN tokens_per_day <= ${tokensUsed(by, DAY_MS)} END
          FROM api_key WHERE id = ${id}) THEN 'key-tokens'`;
}

/** What the key of a turn allows of what is reached, to stand beside it; null without a key. */
export function keyAllows(id: ApiKeyId | undefined): Prisma.Sql {
  if (id === undefined) return Prisma.sql`NULL::int`;
  return Prisma.sql`(SELECT CASE over WHEN 'key-turns' THEN turns_per_minute WHEN 'key-tokens' THEN tokens_per_day END
                     FROM api_key WHERE id = ${id})`;
}
