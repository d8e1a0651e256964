import pg from 'pg';
import type { SessionMultiplexer } from './session-multiplexer.js';
import { VirtualConnection } from './virtual-connection.js';

/**
 * A genuine `pg.Pool` whose sockets end in one PGlite session.
 *
 * @param max - connections. They cost nothing, but BullMQ keeps one for each Worker and QueueEvents.
 */
export function pglitePool(multiplexer: SessionMultiplexer, max: number): pg.Pool {
  return new pg.Pool({
    max,
    idleTimeoutMillis: 0,
    keepAlive: true,
    ssl: false,
    // Never resolved, never sent anywhere: pg asks for them before it asks for a stream.
    host: 'embedded',
    user: 'postgres',
    password: 'embedded',
    database: 'postgres',
    stream: () => new VirtualConnection(multiplexer),
  });
}
