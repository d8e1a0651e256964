import type pg from 'pg';
import { awaitCondition } from '../await-condition.js';

/** Resolves once a query on this database waits for a lock that another holds. */
export function someoneWaits(pool: pg.Pool): Promise<void> {
  return awaitCondition(async () => {
    const waiting = await pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.rows.length > 0;
  });
}
