import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Log } from '../ports/log.js';
import { connectionErrorLog } from './connection-errors.js';

/** Milliseconds until a connection attempt is given up. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Options every connection of ours has: reconnect for ever, after 50 ms at first and 2 s at most. */
export const RECONNECT = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  // Ours are held open for days: without probes a peer that vanished is noticed only at the next command.
  keepAlive: 10_000,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) =>
    Math.min(2_000, 50 * 2 ** Math.min(times - 1, 10)) * (0.75 + Math.random() / 2),
} as const;

/**
 * Opens a connection whose commands fail at once while it is down. Its owner ends it with `disconnect()`.
 *
 * @param connectionName - as the server's CLIENT LIST shows it
 */
export function openFailFastRedis(url: string, connectionName: string, log: Log): Redis {
  const redis = new Redis(url, {
    ...RECONNECT,
    connectionName,
    enableOfflineQueue: false,
    // What was under way when the connection broke fails as well, rather than wait for the next one.
    maxRetriesPerRequest: 0,
  });
  redis.on('error', connectionErrorLog(log, { backend: 'redis', connection: connectionName }));
  return redis;
}

/**
 * Resolves once commands can be sent: at once where the connection stands, after the attempt under way where there
 * is one.
 *
 * @throws where the connection is down or the attempt fails
 */
export async function redisReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  if (redis.status !== 'connecting' && redis.status !== 'connect') {
    throw new Error(`the Redis connection is ${redis.status}`);
  }
  const failed = new AbortController();
  const fail = () => failed.abort(new Error('the Redis connection was closed'));
  redis.once('close', fail);
  try {
    await once(redis, 'ready', { signal: AbortSignal.any([failed.signal, AbortSignal.timeout(timeoutMs)]) });
  } finally {
    redis.off('close', fail);
  }
}
