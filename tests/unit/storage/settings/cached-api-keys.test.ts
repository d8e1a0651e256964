import { expect, test } from 'vitest';
import type { ApiKeyStore } from '../../../../src/ports/settings/api-keys.js';
import { cachedApiKeys } from '../../../../src/storage/settings/cached-api-keys.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';

const LISTED = {
  id: 1,
  name: 'A program',
  shown: 'pk_ab12…',
  limits: { turnsPerMinute: null, tokensPerDay: null },
  createdAt: new Date(0),
  lastUsedAt: null,
  revokedAt: null,
};

/** Two processes on one database. */
function twoProcesses() {
  const [inForce, clock] = [new Set(['k1']), new FakeClock()];
  const database = { reads: 0, isAway: false };
  const store: ApiKeyStore = {
    find: async (key) => {
      database.reads += 1;
      if (database.isAway) throw new Error('away');
      return inForce.has(key) ? { id: 1 } : null;
    },
    list: async () => [LISTED],
    make: async () => ({ key: 'k2', made: LISTED }),
    change: async () => LISTED,
    revoke: async () => {
      inForce.clear();
      return LISTED;
    },
  };
  return { here: cachedApiKeys(store, clock), there: cachedApiKeys(store, clock), clock, database };
}

test('a key that was revoked works for 10 s more in another process, and no longer here', async () => {
  const { here, there, clock } = twoProcesses();
  for (const process of [here, there]) expect(await process.find('k1')).toEqual({ id: 1 });
  await here.revoke(1);
  expect(await here.find('k1')).toBeNull();
  clock.jump(9_999);
  expect(await there.find('k1')).toEqual({ id: 1 });
  clock.jump(1);
  expect(await there.find('k1')).toBeNull();
});

test('a clock that is put back prolongs nothing', async () => {
  const { here, there, clock } = twoProcesses();
  await there.find('k1');
  await here.revoke(1);
  clock.jump(-3_600_000);
  expect(await there.find('k1')).toBeNull();
});

test('who shows the same key again costs no query, whether there is such a key or not', async () => {
  const { here, database } = twoProcesses();
  await Promise.all([here.find('k1'), here.find('k1'), here.find('wrong')]);
  await here.find('wrong');
  expect(database.reads).toBe(2);
});

test('a database that was away is asked again', async () => {
  const { here, database } = twoProcesses();
  database.isAway = true;
  await expect(here.find('k1')).rejects.toThrow('away');
  database.isAway = false;
  expect(await here.find('k1')).toEqual({ id: 1 });
});
