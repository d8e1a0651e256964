import { z } from 'zod';
import { MODEL_ACTIONS, MODEL_STATES } from '../domain/models/model-report.js';
import { PLATFORM_STATES } from '../ports/fleet/platform-reports.js';
import type { Reports } from '../ports/fleet/reports.js';
import type { Log } from '../ports/process/log.js';
import { openFailFastRedis } from './redis-connection.js';
import { redisModelOrders } from './redis-model-orders.js';
import { redisProcessReports } from './redis-process-reports.js';

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
