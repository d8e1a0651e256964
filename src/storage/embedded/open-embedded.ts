import path from 'node:path';
import { MINUTE_MS } from '../../domain/time/duration.js';
import type { Clock } from '../../ports/process/clock.js';
import type { Log } from '../../ports/process/log.js';
import { CleanUp } from '../database/clean-up.js';
import type { Database } from '../database/database.js';
import { endPool, watchPool } from '../database/pools.js';
import { prepareDatabase } from '../database/prepare-database.js';
import { lockFolder } from './folder-lock.js';
import { LastingSession } from './lasting-session.js';
import { maintainForever } from './maintenance.js';
import { pglitePool } from './pglite-pool.js';
import { PgliteSession } from './pglite-session.js';
import { SessionMultiplexer } from './session-multiplexer.js';

const MAINTENANCE_MS = 5 * MINUTE_MS;
const IDLE_TRANSACTION_MS = 30_000;
const POOL_END_MS = 2000;
/** They share one session, so more would only prepare the same statements again. */
const CONNECTIONS = 4;
const QUEUE_CONNECTIONS = 100;

export interface EmbeddedOptions {
  /** Holds the database in a folder of its own; made with mode 0700 if missing. Null: in memory, for tests. */
  readonly dataDir: string | null;
  /** Write with fsync. True unless set; false trades a power cut's last seconds for about 25% more writes. */
  readonly durable?: boolean;
  /** Start from this dump of a database where none exists yet. */
  readonly dump?: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

/** A database inside this process's own folder, which no other process may open meanwhile. */
export interface EmbeddedDatabase extends Database {
  /** The whole database as a tar archive, for `dump`. */
  dump(): Promise<Uint8Array>;
}

/** @throws {ExpectedFailure} `setup`: folder in use or not writable, database damaged or newer than this build */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { dataDir, clock, log } = options;
  const lock = dataDir === null ? null : await lockFolder(dataDir);
  const cleanUp = new CleanUp(log);
  cleanUp.add(async () => lock?.release());
  try {
    const openSession = () =>
      PgliteSession.open({
        folder: dataDir === null ? null : path.join(dataDir, 'database'),
        durable: dataDir !== null && (options.durable ?? true),
        dump: options.dump ?? null,
      });
    const session = new LastingSession(await openSession(), openSession, {
      log,
      onBroken: () => multiplexer.reset(),
    });
    cleanUp.add(() => session.stop());
    const multiplexer = new SessionMultiplexer((bytes) => session.execute(bytes), IDLE_TRANSACTION_MS);
    const [pool, queuePool] = [
      pglitePool(multiplexer, CONNECTIONS),
      pglitePool(multiplexer, QUEUE_CONNECTIONS),
    ];
    for (const each of [pool, queuePool]) {
      watchPool(each, log);
      cleanUp.add(() => endPool(each, POOL_END_MS));
    }
    const prisma = await prepareDatabase(pool, log);
    cleanUp.add(() => prisma.$disconnect());
    const stopping = new AbortController();
    void maintainForever(pool, { clock, log, intervalMs: MAINTENANCE_MS, signal: stopping.signal });
    cleanUp.add(async () => stopping.abort());
    return {
      kind: 'embedded',
      prisma,
      pool,
      queuePool,
      dump: () => session.dump(),
      stop: () => cleanUp.run(),
    };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }
}
