import type pg from 'pg';
import type { Log } from '../../ports/process/log.js';

/**
 * Hears every connection's errors. One that breaks while somebody holds it would otherwise end the process, and may
 * report it twice; who holds it learns of it from the query.
 */
export function watchPool(pool: pg.Pool, log: Log): void {
  const warn = (error: Error) => log.warn({ error }, 'a database connection failed');
  pool.on('error', warn);
  pool.on('connect', (client) => client.on('error', warn));
}
