import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryEditBudget } from '../../src/queue/memory-edit-slots.js';
import { redisEditBudget } from '../../src/queue/redis-edit-slots.js';
import { systemClock } from '../../src/system-clock.js';
import { RecordedLog } from '../doubles/recorded-log.js';
import { TcpProxy } from '../doubles/tcp-proxy.js';
import { describeEditBudget } from './edit-budget.js';

describeEditBudget('in memory', async () => {
  const budget = memoryEditBudget(systemClock);
  return { budget, elsewhere: budget, close: async () => {} };
});

const url = process.env['REDIS_URL'];

describe.skipIf(!url)('with REDIS_URL', () => {
  describeEditBudget('on Redis', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const budget = redisEditBudget(url ?? '', systemClock, new RecordedLog(), prefix);
    const elsewhere = redisEditBudget(url ?? '', systemClock, new RecordedLog(), prefix);
    return {
      budget,
      elsewhere,
      // Its keys run out by themselves, after a minute at the longest.
      close: async () => void (await Promise.all([budget.stop(), elsewhere.stop()])),
    };
  });

  describe('while Redis is away', () => {
    let proxy: TcpProxy;
    let budget: ReturnType<typeof redisEditBudget>;
    const rate = { edits: 2, perMs: 300 };
    const never = new AbortController().signal;

    beforeEach(async () => {
      const target = new URL(url ?? '');
      proxy = await TcpProxy.open(target.hostname, Number(target.port || 6379));
      target.hostname = '127.0.0.1';
      target.port = String(proxy.port);
      budget = redisEditBudget(target.href, systemClock, new RecordedLog(), `parley-test-${randomUUID()}`);
    });
    afterEach(async () => {
      await budget.stop();
      await proxy.cut();
    });

    test.each([
      ['refused', () => proxy.cut()],
      ['without an answer', async () => proxy.freeze()],
    ])('%s, this process keeps to the rate by itself, with what it took before', async (_how, breakIt) => {
      const times: number[] = [];
      const take = async () => {
        await budget.take('channel', rate, false, never);
        times.push(performance.now());
      };
      await take();
      await breakIt();
      for (let i = 0; i < 3; i++) await take();
      budget.pause('channel', 10);
      const spans = times.slice(rate.edits).map((at, i) => at - (times[i] ?? 0));
      expect(Math.min(...spans)).toBeGreaterThan(rate.perMs / 2);
    });
  });
});
