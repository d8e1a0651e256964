import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryEditBudget } from '../../../src/exchange/memory-edit-slots.js';
import { redisEditBudget } from '../../../src/exchange/redis-edit-slots.js';
import type { Rate } from '../../../src/ports/delivery/edit-budget.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';
import { describeEditBudget } from './edit-budget.js';

describeEditBudget('in memory', async () => {
  const budget = memoryEditBudget(systemClock);
  return { budget, elsewhere: budget, close: async () => {} };
});

const url = testRedisUrl();

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

  describe('of several processes', () => {
    const never = () => new AbortController().signal;
    let proxy: TcpProxy;
    let prefix: string;
    let budgets: readonly ReturnType<typeof redisEditBudget>[];

    beforeEach(async () => {
      const target = new URL(url ?? '');
      proxy = await TcpProxy.open(target.hostname, Number(target.port || 6379));
      target.hostname = '127.0.0.1';
      target.port = String(proxy.port);
      prefix = `parley-test-${randomUUID()}`;
      budgets = Array.from({ length: 3 }, () =>
        redisEditBudget(target.href, systemClock, new RecordedLog(), prefix),
      );
    });
    afterEach(async () => {
      await Promise.all(budgets.map((budget) => budget.stop()));
      await proxy.cut();
    });

    /** Lets each process take `edits` at once, and one more after the other. @returns when they were, in order */
    async function takeAll(edits: number, rate: Rate): Promise<number[]> {
      const times: number[] = [];
      const takes = budgets.flatMap((budget) =>
        Array.from({ length: edits }, async () => {
          await budget.take('channel', rate, false, never());
          times.push(performance.now());
        }),
      );
      await Promise.all(takes);
      return times;
    }

    /** The shortest time in which one more than the rate were made. */
    function shortestSpan(times: readonly number[], rate: Rate): number {
      return Math.min(...times.slice(rate.edits).map((at, i) => at - (times[i] ?? 0)));
    }

    test('no window holds more than the rate while Redis is slow', async () => {
      const rate = { edits: 3, perMs: 2_000 };
      // Connected, and each knows of itself alone.
      await Promise.all(budgets.map((budget, i) => budget.take(`own-${i}`, rate, false, never())));
      proxy.delayAnswers(800);
      expect(shortestSpan(await takeAll(2, rate), rate)).toBeGreaterThan(rate.perMs / 2);
    });

    test.each([
      ['refuses', () => proxy.cut()],
      ['does not answer', async () => proxy.freeze()],
    ])(
      'each keeps to its part while Redis %s, with what it took before',
      async (_how, breakIt) => {
        const rate = { edits: 6, perMs: 1_500 };
        await takeAll(1, rate);
        // What the last of them was told counts all three.
        await takeAll(1, rate);
        await breakIt();
        expect(shortestSpan(await takeAll(6, rate), rate)).toBeGreaterThan(rate.perMs / 2);
        budgets[0]?.pause('channel', 10);
      },
      30_000,
    );

    test('they count together again once Redis is back', async () => {
      const rate = { edits: 3, perMs: 60_000 };
      await takeAll(1, rate);
      await proxy.cut();
      await budgets[0]?.take('while away', rate, false, never());
      await proxy.restore();
      const redis = new Redis(url ?? '');
      try {
        let tries = 0;
        await awaitCondition(async () => {
          const key = `again-${tries++}`;
          await budgets[0]?.take(key, rate, false, never());
          return (await redis.zcard(`${prefix}:edits:{${key}}:taken`)) === 1;
        });
      } finally {
        redis.disconnect();
      }
    });
  });
});
