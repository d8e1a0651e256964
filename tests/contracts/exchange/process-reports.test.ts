import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import { localReports } from '../../../src/exchange/local-reports.js';
import { redisReports } from '../../../src/exchange/redis-reports.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';
import { describeProcessReports } from './process-reports.js';

describeProcessReports('in one process', async () => {
  const clock = new FakeClock();
  const reports = localReports(clock);
  return {
    reports: reports.platforms,
    elsewhere: reports.platforms,
    pass: (ms) => clock.advance(ms),
    close: () => reports.stop(),
  };
});

const url = testRedisUrl() ?? '';

describe.skipIf(url === '')('with REDIS_URL', () => {
  describeProcessReports('on Redis', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const reports = redisReports(url, new RecordedLog(), prefix);
    const elsewhere = redisReports(url, new RecordedLog(), prefix);
    return {
      reports: reports.platforms,
      elsewhere: elsewhere.platforms,
      // Its time is the server's own.
      pass: (ms) => delay(ms),
      // Its key runs out by itself.
      close: async () => void (await Promise.all([reports.stop(), elsewhere.stop()])),
    };
  });
});
