import { createHash, randomUUID } from 'node:crypto';
import type { SharedPlaces } from '../ports/fleet/shared-places.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { within } from '../process/time-limit.js';
import { NOW } from './ask-redis.js';
import { connectionErrorLog } from './connection-errors.js';
import { openFailFastRedis, redisReady } from './redis-connection.js';

/** Milliseconds between two questions for a place, on average. */
const ASK_AGAIN_MS = 200;
/** Milliseconds a question waits for Redis. */
const ANSWER_MS = 500;
/** Milliseconds after a failure in which Redis is not asked: not every request is to wait for one that hangs. */
const AWAY_MS = 2_000;

/**
 * KEYS: places taken (sorted set, member = id, score = when it runs out). ARGV: places, leaseMs, id. Returns 1 where a
 * place was had.
 */
const TAKE = `${NOW}redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS: as above. ARGV: leaseMs, id. Counts a place that was had without Redis, or that Redis forgot, as well. */
const PROLONG = `${NOW}redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0`;

export interface SharedPlacesOptions {
  /** Begins every key on Redis. */
  readonly prefix: string;
  /** A place that is not prolonged is free after this long. */
  readonly leaseMs: number;
  readonly prolongMs: number;
}

const DEFAULTS: SharedPlacesOptions = { prefix: 'parley', leaseMs: 20_000, prolongMs: 5_000 };

/** Places that all processes on one Redis share. */
export function redisSharedPlaces(
  url: string,
  clock: Clock,
  log: Log,
  options: Partial<SharedPlacesOptions> = {},
): SharedPlaces & { stop(): Promise<void> } {
  const { prefix, leaseMs, prolongMs } = { ...DEFAULTS, ...options };
  const redis = openFailFastRedis(url, 'parley-places', log);
  const held = new Set<AbortController>();
  const onError = connectionErrorLog(log, { backend: 'redis', effect: 'requests are counted per process' });
  let awayUntil = 0;

  async function ask(script: string, key: string, ...values: (string | number)[]): Promise<unknown> {
    const asked = redisReady(redis, ANSWER_MS).then(() => redis.eval(script, 1, key, ...values));
    return within(ANSWER_MS, asked, () => new Error('no answer in time'));
  }

  /** True also where Redis is away: the process's own limit holds then. */
  async function take(key: string, places: number, id: string): Promise<boolean> {
    if (clock.now() < awayUntil) return true;
    try {
      return (await ask(TAKE, key, places, leaseMs, id)) === 1;
    } catch (error) {
      onError(error);
      awayUntil = clock.now() + AWAY_MS;
      return true;
    }
  }

  async function prolong(key: string, id: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(prolongMs, signal).catch(() => {});
      if (signal.aborted) return;
      await ask(PROLONG, key, leaseMs, id).catch(onError);
    }
  }

  async function enter(name: string, places: number, signal: AbortSignal): Promise<() => void> {
    // Names hold addresses and keys, which Redis need not know.
    const key = `${prefix}:places:${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
    const id = randomUUID();
    const left = new AbortController();
    const leave = () => {
      left.abort();
      held.delete(left);
      redis.zrem(key, id).catch(onError);
    };
    try {
      signal.throwIfAborted();
      while (!(await take(key, places, id))) {
        await clock.sleep(ASK_AGAIN_MS * (0.5 + Math.random()), signal);
      }
      signal.throwIfAborted();
    } catch (error) {
      leave();
      throw error;
    }
    held.add(left);
    void prolong(key, id, left.signal);
    return leave;
  }

  return {
    enter,
    async stop() {
      for (const left of held) left.abort();
      redis.disconnect();
    },
  };
}
