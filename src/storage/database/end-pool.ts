import type pg from 'pg';

/** Ends a pool, or gives up waiting for clients that somebody has not given back after `limitMs`. */
export async function endPool(pool: pg.Pool, limitMs: number): Promise<void> {
  if (pool.ending) return;
  let limit: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, limitMs);
  });
  await Promise.race([pool.end(), waited]);
  clearTimeout(limit);
}
