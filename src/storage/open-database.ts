import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { Database } from './database/database.js';
import { openServer } from './database/open-server.js';
import { openEmbedded } from './embedded/open-embedded.js';

export interface DatabaseOptions {
  /** Address of a PostgreSQL server; without one the database lives in `dataDir`. */
  readonly url?: string;
  /** Made with mode 0700 if missing, and owned by this process alone while open. */
  readonly dataDir: string;
  /** Embedded: write with fsync, so that a power cut loses nothing acknowledged. True unless set. */
  readonly durable?: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/**
 * Opens the database of this deployment and brings its tables up to date.
 *
 * @throws {ExpectedFailure} `setup`, with what to do about it
 */
export function openDatabase({
  url,
  dataDir,
  durable,
  clock,
  log,
  signal,
}: DatabaseOptions): Promise<Database> {
  if (url === undefined) return openEmbedded({ dataDir, durable: durable ?? true, clock, log });
  return openServer({ url, clock, log, ...(signal ? { signal } : {}) });
}
