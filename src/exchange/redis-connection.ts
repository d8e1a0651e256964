import { Redis } from 'ioredis';
import { type BackOff, backOff } from '../domain/time/back-off.js';
import type { Log } from '../ports/process/log.js';
import { connectionErrorLog } from './connection-errors.js';

/** Milliseconds until a connection attempt is given up. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds without an answer after which a connection is taken for dead, and another one made. */
const SILENCE_MS = 5_000;

const PACE: BackOff = { firstMs: 50, lastMs: 2_000, spread: [0.75, 1.25] };

/** Options every connection of ours has: reconnect for ever, after 50 ms at first and 2 s at most. */
export const RECONNECT = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  // Ours are held open for days: without probes a peer that vanished is noticed only at the next command.
  keepAlive: 10_000,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => backOff(PACE, times, Math.random()),
} as const;

/**
 * Opens a connection whose commands fail at once while it is down. Its owner ends it with `disconnect()`.
 *
 * @param connectionName - as the server's CLIENT LIST shows it
 */
export function openFailFastRedis(
  url: string,
  connectionName: string,
  log: Log,
  options: { readonly autoResubscribe?: boolean } = {},
): Redis {
  const redis = new Redis(url, {
    ...RECONNECT,
    ...options,
    connectionName,
    enableOfflineQueue: false,
    // A server that vanished without a word would else be waited for a quarter of an hour.
    socketTimeout: SILENCE_MS,
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
 * @throws where the connection is down, the attempt fails, or `ms` have passed
 */
export function redisReady(redis: Redis, ms: number): Promise<void> {
  if (redis.status === 'connecting' || redis.status === 'connect') return untilReady(redis, ms, 'close');
  return redis.status === 'ready'
    ? Promise.resolve()
    : Promise.reject(new Error(`the Redis connection is ${redis.status}`));
}

/** Like `redisReady`, but waits for a connection that is down to come back. */
export function redisReadyAgain(redis: Redis, ms: number): Promise<void> {
  return redis.status === 'ready' ? Promise.resolve() : untilReady(redis, ms, 'end');
}

/** Waits for `ready`, until `over` happens instead. */
function untilReady(redis: Redis, ms: number, over: 'close' | 'end'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      clearTimeout(timer);
      redis.off('ready', ready).off(over, failed);
      how();
    };
    const ready = () => settle(resolve);
    const failed = () => settle(() => reject(new Error('the Redis connection was closed')));
    const timer = setTimeout(() => settle(() => reject(new Error('Redis gave no answer in time'))), ms);
    redis.on('ready', ready).on(over, failed);
  });
}
