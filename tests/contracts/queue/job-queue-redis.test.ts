import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describe } from 'vitest';
import { createJobQueue } from '../../../src/queue/job-queue.js';
import { redisBackend } from '../../../src/queue/redis-backend.js';
import { holdJob } from '../../doubles/queue/held-job.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';
import { describeJobQueue } from './job-queue.js';
import { dedupeIdOf, type JobQueueHarness, testPayload } from './job-queue-setting.js';

const url = testRedisUrl();

describe.skipIf(!url)('with REDIS_URL', () => {
  describeJobQueue('Redis', () => openOnRedis(url ?? ''));
});

async function openOnRedis(serverUrl: string): Promise<JobQueueHarness> {
  const prefix = `parley-test-${randomUUID()}`;
  const log = new RecordedLog();
  const backend = redisBackend(serverUrl, log, prefix);
  const { hostname, port } = new URL(serverUrl);
  const proxy = await TcpProxy.open(hostname, Number(port || 6379));
  const proxied = new URL(serverUrl);
  proxied.hostname = '127.0.0.1';
  proxied.port = String(proxy.port);
  const breakable = redisBackend(proxied.href, log, prefix);
  return {
    log,
    queue: (name, options) => createJobQueue(name, testPayload, dedupeIdOf, backend, log, options),
    async addRaw(name, data) {
      const redis = new Redis(serverUrl, { maxRetriesPerRequest: null });
      const queue = new Queue(name, { connection: redis, prefix });
      await queue.add(name, data);
      await queue.close();
      redis.disconnect();
    },
    outage: {
      queue: (name) => createJobQueue(name, testPayload, dedupeIdOf, breakable, log),
      cut: () => proxy.cut(),
      freeze: () => proxy.freeze(),
      strand: () => proxy.strand(),
      restore: () => proxy.restore(),
    },
    holder: (name) => holdJob('redis', serverUrl, prefix, name),
    forgetAll: () => deleteAll(serverUrl, prefix),
    async close() {
      await Promise.all([backend.stop(), breakable.stop()]);
      await proxy.cut();
      await deleteAll(serverUrl, prefix);
    },
  };
}

async function deleteAll(serverUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(serverUrl);
  for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
    if (keys.length > 0) await redis.del(...keys);
  }
  redis.disconnect();
}
