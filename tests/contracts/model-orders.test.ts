import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe } from 'vitest';
import { localReports } from '../../src/queue/local-reports.js';
import { redisReports } from '../../src/queue/redis-reports.js';
import { FakeClock } from '../doubles/fake-clock.js';
import { RecordedLog } from '../doubles/recorded-log.js';
import { describeModelOrders } from './model-orders.js';

describeModelOrders('in one process', async () => {
  const clock = new FakeClock();
  const { orders, stop } = localReports(clock);
  return { orders, elsewhere: orders, age: async (ms) => clock.jump(ms), close: stop };
});

const url = process.env['REDIS_URL'] ?? '';

describe.skipIf(url === '')('with REDIS_URL', () => {
  describeModelOrders('on Redis', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const key = `${prefix}:model-orders`;
    const one = redisReports(url, new RecordedLog(), prefix);
    const other = redisReports(url, new RecordedLog(), prefix);
    const redis = new Redis(url);
    return {
      orders: one.orders,
      elsewhere: other.orders,
      // Its time is the server's own, and 10 minutes are long: when they were given is set back instead.
      async age(ms) {
        for (const [field, stored] of Object.entries(await redis.hgetall(key))) {
          const [given, ...json] = stored.split(' ');
          await redis.hset(key, field, [Number(given) - ms, ...json].join(' '));
        }
      },
      async close() {
        await redis.del(key);
        redis.disconnect();
        await Promise.all([one.stop(), other.stop()]);
      },
    };
  });
});
