import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ExpectedFailure } from '../domain/failure.js';
import type { Log } from '../ports/log.js';
import type { PlatformReports } from '../ports/platform-reports.js';
import { errorReason } from './connection-errors.js';
import { openFailFastRedis, redisReadyAgain } from './redis-connection.js';
import { within } from './time-limit.js';

/** Milliseconds for one question to Redis, reconnecting included. */
const ANSWER_MS = 2_000;

/** Time is the server's own: machines disagree. */
const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** KEYS: what each process said (hash: process to `until json`). ARGV: process, ttl, json. */
const REPORT = `${NOW}redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', now + ARGV[2], ARGV[3]))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`;

/** Returns process and JSON by turns, and drops what has run out. */
const READ = `${NOW}local found = {}
local said = redis.call('HGETALL', KEYS[1])
for i = 1, #said, 2 do
  local until_ms, json = string.match(said[i + 1], '^(%d+) (.*)$')
  if tonumber(until_ms) > now then
    table.insert(found, said[i])
    table.insert(found, json)
  else
    redis.call('HDEL', KEYS[1], said[i])
  end
end
return found`;

const Reports = z.array(
  z.object({
    platform: z.enum(['discord', 'slack']),
    state: z.enum(['connecting', 'connected', 'standby', 'failed', 'stopped']),
    detail: z.string(),
  }),
);

/** What gateways say, on a Redis that all of them share. */
export function redisPlatformReports(url: string, log: Log, prefix = 'parley'): PlatformReports {
  const redis = openFailFastRedis(url, 'parley-platforms', log);
  const key = `${prefix}:platforms`;
  return {
    report: async (process, platforms, ttlMs) => {
      await ask(redis, () => redis.eval(REPORT, 1, key, process, ttlMs, JSON.stringify(platforms)));
    },
    withdraw: async (process) => {
      await ask(redis, () => redis.hdel(key, process));
    },
    async all() {
      const found = (await ask(redis, () => redis.eval(READ, 1, key))) as string[];
      const reports = new Map<string, z.output<typeof Reports>>();
      for (let i = 0; i + 1 < found.length; i += 2)
        reports.set(found[i] ?? '', Reports.parse(JSON.parse(found[i + 1] ?? '[]')));
      return reports;
    },
    async stop() {
      redis.disconnect();
    },
  };
}

async function ask<T>(redis: Redis, question: () => Promise<T>): Promise<T> {
  try {
    const asked = redisReadyAgain(redis, ANSWER_MS).then(question);
    return await within(ANSWER_MS, asked, () => new Error('no answer in time'));
  } catch (cause) {
    throw new ExpectedFailure('setup', `cannot ask Redis about platforms: ${errorReason(cause)}`, {
      retryable: true,
      cause,
    });
  }
}
