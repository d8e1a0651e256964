import { HOUR_MS } from '../domain/time/duration.js';
import type { WorkerRegistry } from '../ports/fleet/worker-registry.js';
import type { Log } from '../ports/process/log.js';
import { askRedis, NOW } from './ask-redis.js';
import { openFailFastRedis } from './redis-connection.js';

/** How long is remembered that a model was served. */
const KEEP_MS = HOUR_MS;

/** Ends what a worker serves now: it counts as served until this moment. ARGV[1]: `/` and the worker. */
const END = `for i, member in ipairs(redis.call('ZRANGE', KEYS[1], now, '+inf', 'BYSCORE')) do
  if string.sub(member, -#ARGV[1]) == ARGV[1] then redis.call('ZADD', KEYS[1], now, member) end
end
`;

/** KEYS: until when each worker serves each model (sorted set, member `alias/worker`). ARGV: /worker, ttl, keep, aliases. */
const ANNOUNCE = `${NOW}${END}
for i = 4, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[i] .. ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0`;

const WITHDRAW = `${NOW}${END}return 0`;

/** Returns the server's time, then member and time by turns. */
const READ = `${NOW}local found = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
table.insert(found, 1, tostring(now))
return found`;

/** What workers announce, on a Redis that all of them share. */
export function redisWorkerRegistry(url: string, log: Log, prefix = 'parley'): WorkerRegistry {
  const redis = openFailFastRedis(url, 'parley-workers', log);
  const key = `${prefix}:served-models`;

  return {
    announce: async (worker, aliases, ttlMs) => {
      await askRedis(redis, 'workers', () =>
        redis.eval(ANNOUNCE, 1, key, `/${worker}`, ttlMs, KEEP_MS, ...aliases),
      );
    },
    withdraw: async (worker) => {
      await askRedis(redis, 'workers', () => redis.eval(WITHDRAW, 1, key, `/${worker}`));
    },
    async unservedMs() {
      const [now, ...found] = (await askRedis(redis, 'workers', () => redis.eval(READ, 1, key))) as string[];
      const unserved = new Map<string, number>();
      for (let i = 0; i + 1 < found.length; i += 2) {
        const alias = (found[i] ?? '').split('/')[0] ?? '';
        const until = Number(found[i + 1]);
        const ms = until > Number(now) ? 0 : Math.max(1, Number(now) - until);
        unserved.set(alias, Math.min(ms, unserved.get(alias) ?? ms));
      }
      return unserved;
    },
    async stop() {
      redis.disconnect();
    },
  };
}
