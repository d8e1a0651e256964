import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { localReports } from '../../../src/exchange/local-reports.js';
import { redisReports } from '../../../src/exchange/redis-reports.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';
import { describeModelOrders } from './model-orders.js';

describeModelOrders('in one process', async () => {
  const clock = new FakeClock();
  const { orders, stop } = localReports(clock);
  return { orders, elsewhere: orders, age: async (ms) => clock.jump(ms), close: stop };
});

const url = testRedisUrl() ?? '';

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

  test('model orders on Redis are taken from a web process of the last release as well', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const key = `${prefix}:model-orders`;
    const { orders, stop } = redisReports(url, new RecordedLog(), prefix);
    const redis = new Redis(url);
    const order = { worker: 'one', alias: '模型', action: 'pull' };
    await redis.hset(key, '["one","模型"]', `${Date.now()} ${JSON.stringify(order)}`);
    expect(await orders.open()).toEqual([{ ...order, taken: false, ageMs: expect.any(Number) }]);
    const [taken] = await orders.take('one');
    expect(taken).toMatchObject(order);
    expect(await orders.take('one')).toEqual([taken]);
    expect(await orders.open()).toMatchObject([{ ...order, taken: true }]);
    await orders.done(taken?.id ?? '');
    expect(await orders.open()).toEqual([]);
    redis.disconnect();
    await stop();
  });
});
