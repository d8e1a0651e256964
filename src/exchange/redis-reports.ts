import type { Redis } from 'ioredis';
import { z } from 'zod';
import { MODEL_ACTIONS, MODEL_STATES } from '../domain/models/model-report.js';
import { PLATFORM_STATES } from '../ports/fleet/platform-reports.js';
import type { ProcessReports } from '../ports/fleet/process-reports.js';
import type { Reports } from '../ports/fleet/reports.js';
import type { Log } from '../ports/process/log.js';
import { askRedis, NOW } from './ask-redis.js';
import { openFailFastRedis } from './redis-connection.js';
import { redisModelOrders } from './redis-model-orders.js';

const Platforms = z.array(
  z.object({
    platform: z.enum(['discord', 'slack']),
    state: z.enum(PLATFORM_STATES),
    detail: z.string(),
    reach: z.number().nullable(),
    missing: z.array(z.string()),
  }),
);

const sentence = z.string().nullable();

const Worker = z.object({
  startedAt: z.number(),
  models: z.array(
    z.object({
      alias: z.string(),
      description: z.string(),
      runs: z.enum(['local', 'hosted']),
      state: z.enum(MODEL_STATES),
      sizeBytes: z.number().nullable(),
      contextWindow: z.number().nullable(),
      progress: z.number().nullable(),
      doing: z.enum(MODEL_ACTIONS).nullable(),
      uses: z.number(),
      file: z.enum(['downloaded', 'given']).nullable(),
      served: z.boolean(),
      problem: sentence,
      checked: z.object({ at: z.number(), ok: z.boolean(), problem: sentence }).nullable(),
    }),
  ),
});

const LogExport = z.object({
  origin: z.string(),
  lastSuccessAt: z.number().nullable(),
  lastFailure: z.object({ at: z.number(), reason: z.string() }).nullable(),
});

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

/** What the processes of a fleet say, on one connection to the Redis that all of them share. */
export function redisReports(url: string, log: Log, prefix = 'parley'): Reports {
  const redis = openFailFastRedis(url, 'parley-reports', log);
  return {
    platforms: redisProcessReports(redis, `${prefix}:platforms`, Platforms, 'platforms'),
    workers: redisProcessReports(redis, `${prefix}:workers`, Worker, 'workers'),
    orders: redisModelOrders(redis, `${prefix}:model-orders`),
    logExports: redisProcessReports(redis, `${prefix}:log-exports`, LogExport, 'the log export'),
    async stop() {
      redis.disconnect();
    },
  };
}

/**
 * What processes say, on a Redis that all of them share.
 *
 * @param schema - a report that is not so is left out: a process of another version said it
 * @param about - completes the sentence "cannot ask Redis about …"
 */
function redisProcessReports<Report>(
  redis: Redis,
  key: string,
  schema: z.ZodType<Report>,
  about: string,
): ProcessReports<Report> {
  return {
    report: async (process, report, ttlMs) => {
      await askRedis(redis, about, () => redis.eval(REPORT, 1, key, process, ttlMs, JSON.stringify(report)));
    },
    withdraw: async (process) => {
      await askRedis(redis, about, () => redis.hdel(key, process));
    },
    async all() {
      const found = (await askRedis(redis, about, () => redis.eval(READ, 1, key))) as string[];
      const reports = new Map<string, Report>();
      for (let i = 0; i + 1 < found.length; i += 2) {
        const { data } = schema.safeParse(JSON.parse(found[i + 1] ?? 'null'));
        if (data !== undefined) reports.set(found[i] ?? '', data);
      }
      return reports;
    },
  };
}
