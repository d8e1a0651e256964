import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { redisSharedPlaces, type SharedPlacesOptions } from '../../../src/exchange/redis-shared-places.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';

const url = testRedisUrl() ?? '';
const never = new AbortController().signal;

describe.skipIf(url === '')('places that processes share', () => {
  let redis: Redis;
  let prefix: string;
  let opened: { stop(): Promise<void> }[];
  /** Of one process. */
  const open = (over: Partial<SharedPlacesOptions> = {}, at = url) => {
    const places = redisSharedPlaces(at, systemClock, new RecordedLog(), { prefix, ...over });
    opened.push(places);
    return places;
  };
  const key = async () => (await redis.keys(`${prefix}:*`))[0] ?? '';
  const taken = async () => redis.zcard(await key());

  beforeEach(() => {
    redis = new Redis(url);
    prefix = `parley-test-${randomUUID()}`;
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.stop()));
    await redis.quit();
  });

  test('are never more than there are, and everybody gets one', async () => {
    const processes = [open(), open(), open()];
    let inside = 0;
    let most = 0;
    const one = async (i: number) => {
      const leave = await processes[i % 3]?.enter('endpoint', 3, never);
      most = Math.max(most, ++inside);
      await redis.ping();
      inside--;
      leave?.();
    };
    await Promise.all(Array.from({ length: 12 }, (_, i) => one(i)));
    expect(most).toBeLessThanOrEqual(3);
    await awaitCondition(async () => (await taken()) === 0);
  });

  test('are counted by name', async () => {
    await open().enter('one', 1, never);
    await open().enter('other', 1, never);
  });

  test('are held for as long as it takes, and free once their holder is dead', async () => {
    const lease = { leaseMs: 2_000, prolongMs: 50 };
    const holder = open(lease);
    await holder.enter('endpoint', 1, never);
    const until = async () => Number((await redis.zrange(await key(), '0', '0', 'WITHSCORES'))[1]);
    const first = await until();
    let entered = false;
    const waiting = open(lease)
      .enter('endpoint', 1, never)
      .then(() => {
        entered = true;
      });
    await awaitCondition(async () => (await until()) > first + lease.prolongMs);
    expect(entered).toBe(false);
    await holder.stop();
    await waiting;
  });

  test.each([0, 1])('are not kept by one who gives up waiting, with %i free', async (free) => {
    const leave = await open().enter('endpoint', 1 + free, never);
    const giving = new AbortController();
    const waiting = open().enter('endpoint', 1 + free, giving.signal);
    giving.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    leave();
    await awaitCondition(async () => (await taken()) === 0);
  });

  test.each([
    ['refuses', (proxy: TcpProxy) => proxy.cut()],
    ['does not answer', async (proxy: TcpProxy) => proxy.freeze()],
  ])('are not waited for while Redis %s; those had meanwhile count once it is back', async (_how, strike) => {
    const target = new URL(url);
    const proxy = await TcpProxy.open(target.hostname, Number(target.port || 6379));
    target.host = `127.0.0.1:${proxy.port}`;
    try {
      const places = open({ prolongMs: 50 }, target.href);
      const leave = await places.enter('endpoint', 1, never);
      await strike(proxy);
      leave();
      await places.enter('endpoint', 1, never);
      await places.enter('endpoint', 1, never);
      await proxy.restore();
      await awaitCondition(async () => (await taken()) >= 2);
    } finally {
      await proxy.cut();
    }
  });
});
