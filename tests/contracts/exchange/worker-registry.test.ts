import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { redisWorkerRegistry } from '../../../src/exchange/redis-worker-registry.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { memoryWorkerRegistry } from '../../doubles/memory-worker-registry.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';
import { describeWorkerRegistry } from './worker-registry.js';

describeWorkerRegistry('in memory', async () => {
  const clock = new FakeClock();
  const registry = memoryWorkerRegistry(clock);
  return { registry, elsewhere: registry, pass: (ms) => clock.advance(ms), close: async () => {} };
});

const url = testRedisUrl() ?? '';

describe.skipIf(url === '')('with REDIS_URL', () => {
  describeWorkerRegistry('on Redis', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const registry = redisWorkerRegistry(url, new RecordedLog(), prefix);
    const elsewhere = redisWorkerRegistry(url, new RecordedLog(), prefix);
    return {
      registry,
      elsewhere,
      // Its time is the server's own.
      pass: (ms) => delay(ms),
      // Its keys run out by themselves, after an hour.
      close: async () => void (await Promise.all([registry.stop(), elsewhere.stop()])),
    };
  });

  test('fails in a way worth retrying while Redis is away, and works again after', async () => {
    const target = new URL(url);
    const proxy = await TcpProxy.open(target.hostname, Number(target.port || 6379));
    target.hostname = '127.0.0.1';
    target.port = String(proxy.port);
    const registry = redisWorkerRegistry(target.href, new RecordedLog(), `parley-test-${randomUUID()}`);
    onTestFinished(async () => {
      await registry.stop();
      await proxy.cut();
    });
    await registry.announce('one', ['small'], 60_000);
    await proxy.cut();
    const failure = await registry.unservedMs().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ExpectedFailure);
    expect(failure).toMatchObject({ kind: 'setup', retryable: true });
    await proxy.restore();
    expect(await registry.unservedMs()).toEqual(new Map([['small', 0]]));
  });
});
