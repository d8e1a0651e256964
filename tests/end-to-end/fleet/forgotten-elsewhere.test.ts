import { expect, test } from 'vitest';
import { redisLiveEvents } from '../../../src/exchange/redis-live-events.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { testServers } from '../../fixtures/test-servers.js';
import { startUnderTest } from '../parley-under-test.js';

const servers = testServers();

test.skipIf(!servers)('what another process forgot is dropped from the engine of this one', async () => {
  const under = await startUnderTest();
  const elsewhere = redisLiveEvents(under.redisUrl ?? '', new RecordedLog());
  const cached = async () => {
    const { usage } = await under.ask('And then?', { conversation_id: 'a-story' });
    return (usage as { readonly cached_tokens: number }).cached_tokens;
  };
  await cached();
  expect(await cached()).toBeGreaterThan(0);
  await awaitCondition(async () => {
    elsewhere.publishForgotten(1);
    return (await cached()) === 0;
  });
  await elsewhere.stop();
  await under.stop();
});
