import type pg from 'pg';
import type { Log } from '../../ports/process/log.js';
import { ended } from '../../process/time-limit.js';

/**
 * Hears every connection's errors. One that breaks while somebody holds it would otherwise end the process, and may
 * report it twice; who holds it learns of it from the query.
 */
export function watchPool(pool: pg.Pool, log: Log): void {
  const warn = (error: Error) => log.warn({ error }, 'a database connection failed');
  pool.on('error', warn);
  pool.on('connect', (client) => client.on('error', warn));
}

/** Ends a pool, or gives up waiting for clients that somebody has not given back after `limitMs`. */
export async function endPool(pool: pg.Pool, limitMs: number): Promise<void> {
  if (!pool.ending) await ended(pool.end(), limitMs);
}
