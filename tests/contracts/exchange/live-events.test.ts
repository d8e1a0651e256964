import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localLiveEvents } from '../../../src/exchange/local-live-events.js';
import { redisLiveEvents } from '../../../src/exchange/redis-live-events.js';
import type { LiveEvents, TurnEvent } from '../../../src/ports/turns/live-events.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import { testRedisUrl } from '../../fixtures/test-servers.js';
import { collect, describeLiveEvents } from './live-events.js';

describeLiveEvents('in process', async () => {
  const events = localLiveEvents(new RecordedLog());
  return { here: events, there: events, close: async () => {} };
});

const url = testRedisUrl();
const END: TurnEvent = { type: 'ended', outcome: { state: 'cancelled' } };

describe.skipIf(!url)('with REDIS_URL', () => {
  const serverUrl = url ?? 'redis://127.0.0.1:6379';

  describeLiveEvents('on Redis', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    return {
      here: redisLiveEvents(serverUrl, new RecordedLog(), prefix),
      there: redisLiveEvents(serverUrl, new RecordedLog(), prefix),
      close: async () => {},
    };
  });

  describe('on Redis, when something is wrong', () => {
    const prefix = `parley-test-${randomUUID()}`;
    let proxy: TcpProxy;
    let log: RecordedLog;
    let events: LiveEvents;
    let redis: Redis;

    beforeEach(async () => {
      const target = new URL(serverUrl);
      proxy = await TcpProxy.open(target.hostname, Number(target.port || 6379));
      target.hostname = '127.0.0.1';
      target.port = String(proxy.port);
      log = new RecordedLog();
      events = redisLiveEvents(target.href, log, prefix);
      redis = new Redis(serverUrl);
    });
    afterEach(async () => {
      await events.stop();
      redis.disconnect();
      await proxy.cut();
    });

    test('what is published while the first connection is made arrives', async () => {
      const watcher = collect();
      await events.subscribe(1, watcher.listener);
      const other = redisLiveEvents(serverUrl, log, prefix);
      other.publish(1, END);
      await watcher.ended;
      await other.stop();
    });

    test('subscriptions come back with the connection', async () => {
      const watcher = collect();
      await events.subscribe(1, watcher.listener);
      await proxy.cut();
      await proxy.restore();
      await awaitCondition(async () => (await redis.publish(`${prefix}:turn:1`, JSON.stringify(END))) > 0);
      await watcher.ended;
    });

    test('what is forgotten is heard again once the connection is back', async () => {
      const heard: number[] = [];
      events.onForgotten((id) => heard.push(id));
      await proxy.cut();
      await proxy.restore();
      await awaitCondition(async () => (await redis.publish(`${prefix}:forgotten`, '7')) > 0);
      await awaitCondition(() => heard.length > 0);
      expect(heard).toEqual([7]);
    });

    test('what was left while the connection was down is not subscribed again', async () => {
      const watcher = collect();
      const leave = await events.subscribe(1, () => {});
      await events.subscribe(2, watcher.listener);
      await proxy.cut();
      leave();
      await proxy.restore();
      await awaitCondition(async () => (await redis.publish(`${prefix}:turn:2`, JSON.stringify(END))) > 0);
      expect(await redis.publish(`${prefix}:turn:1`, JSON.stringify(END))).toBe(0);
    });

    test('the last one leaving ends the subscription on the server', async () => {
      const leaveFirst = await events.subscribe(1, () => {});
      const leaveSecond = await events.subscribe(1, () => {});
      leaveFirst();
      expect(await redis.pubsub('NUMSUB', `${prefix}:turn:1`)).toEqual([`${prefix}:turn:1`, 1]);
      leaveSecond();
      await awaitCondition(async () => (await redis.pubsub('CHANNELS', `${prefix}:turn:1`)).length === 0);
    });

    test('subscribing while Redis is away fails in time, retryable, and publishing does not throw', async () => {
      await proxy.cut();
      events.publish(1, END);
      // It stays away: only a time limit can end this.
      await expect(events.subscribe(1, () => {})).rejects.toMatchObject({ kind: 'setup', retryable: true });
    });

    test.each([
      ['no JSON', 'so'],
      ['an unknown type', '{"type":"reset"}'],
      ['a text without offset', '{"type":"text","text":"SECRET"}'],
      [
        'a message beyond all bounds',
        JSON.stringify({ type: 'text', offset: 0, text: 'x'.repeat(1_100_000) }),
      ],
    ])('%s is dropped with a log, and what follows arrives', async (_what, message) => {
      const watcher = collect();
      await events.subscribe(1, watcher.listener);
      await redis.publish(`${prefix}:turn:1`, message);
      await redis.publish(`${prefix}:turn:1`, JSON.stringify(END));
      await watcher.ended;
      expect(watcher.events).toEqual([END]);
      expect(log.lines.map((line) => line.message)).toEqual(['malformed live event dropped']);
      expect(JSON.stringify(log.lines)).not.toContain('SECRET');
    });

    test('an event too long to send is not sent', async () => {
      const watcher = collect();
      await events.subscribe(1, watcher.listener);
      events.publish(1, { type: 'text', offset: 0, text: 'x'.repeat(1_100_000) });
      events.publish(1, END);
      await watcher.ended;
      expect(watcher.events).toEqual([END]);
    });
  });
});
