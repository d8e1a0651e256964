import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import { localPlatformReports } from '../../src/queue/local-platform-reports.js';
import { redisPlatformReports } from '../../src/queue/redis-platform-reports.js';
import { FakeClock } from '../doubles/fake-clock.js';
import { RecordedLog } from '../doubles/recorded-log.js';
import { describePlatformReports } from './platform-reports.js';

describePlatformReports('in one process', async () => {
  const clock = new FakeClock();
  const reports = localPlatformReports(clock);
  return { reports, elsewhere: reports, pass: (ms) => clock.advance(ms), close: () => reports.stop() };
});

const url = process.env['REDIS_URL'] ?? '';

describe.skipIf(url === '')('with REDIS_URL', () => {
  describePlatformReports('on Redis', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const reports = redisPlatformReports(url, new RecordedLog(), prefix);
    const elsewhere = redisPlatformReports(url, new RecordedLog(), prefix);
    return {
      reports,
      elsewhere,
      // Its time is the server's own.
      pass: (ms) => delay(ms),
      // Its key runs out by itself.
      close: async () => void (await Promise.all([reports.stop(), elsewhere.stop()])),
    };
  });
});
