import type pg from 'pg';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';

const TABLES = `
  SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables ORDER BY 1`;

/**
 * Does what PostgreSQL's background processes would: PGlite has neither autovacuum nor automatic checkpoints. Table
 * by table, so that other queries run between.
 */
export async function maintain(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(TABLES);
  for (const { name } of rows) await pool.query(`VACUUM (ANALYZE) ${name}`);
  await pool.query('CHECKPOINT');
}

/** Maintains every `intervalMs` until `signal` aborts. Never rejects: a failure is logged and tried again. */
export async function maintainForever(
  pool: pg.Pool,
  { clock, log, intervalMs, signal }: { clock: Clock; log: Log; intervalMs: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(intervalMs, signal);
      await maintain(pool);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ error }, 'database maintenance failed');
    }
  }
}
