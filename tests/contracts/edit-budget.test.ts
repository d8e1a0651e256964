import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { memoryEditBudget } from '../../src/queue/memory-edit-slots.js';
import { redisEditBudget } from '../../src/queue/redis-edit-slots.js';
import { systemClock } from '../../src/system-clock.js';
import { RecordedLog } from '../doubles/recorded-log.js';
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
});
