import type pg from 'pg';
import { ended } from '../../process/time-limit.js';

/** Ends a pool, or gives up waiting for clients that somebody has not given back after `limitMs`. */
export async function endPool(pool: pg.Pool, limitMs: number): Promise<void> {
  if (!pool.ending) await ended(pool.end(), limitMs);
}
