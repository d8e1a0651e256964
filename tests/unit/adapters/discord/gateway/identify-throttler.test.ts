import { beforeEach, describe, expect, test } from 'vitest';
import { LeasedIdentifyThrottler } from '../../../../../adapters/discord/gateway/identify-throttler.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import { ClockedLeases } from '../../../../doubles/clocks/clocked-leases.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { DiscordDouble } from '../../../../doubles/discord/discord-double.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { openAdapter } from '../adapter-fixture.js';

describe('new sessions of shards that many processes hold', () => {
  let clock: FakeClock;
  let leases: ClockedLeases;
  let begun: { shard: number; at: number }[];
  const going = new AbortController().signal;
  beforeEach(() => {
    clock = new FakeClock(0);
    leases = new ClockedLeases(clock);
    begun = [];
  });
  function ofProcess(concurrency = 1, token = 'bot') {
    const throttler = new LeasedIdentifyThrottler({
      leases,
      token,
      concurrency,
      clock,
      log: new RecordedLog(),
    });
    return async (shard: number, signal = going) => {
      await throttler.waitForIdentify(shard, signal);
      begun.push({ shard, at: clock.now() });
    };
  }

  test('begin 5 s apart at least, whichever process has them', async () => {
    const processes = [ofProcess(), ofProcess()];
    const all = [0, 1, 2, 3].map((shard) => processes[shard % 2]?.(shard));
    await clock.advance(60_000);
    await Promise.all(all);
    const times = begun.map(({ at }) => at);
    expect(begun.map(({ shard }) => shard).sort()).toEqual([0, 1, 2, 3]);
    for (const [i, at] of times.entries())
      if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(5_000);
    expect(times.at(-1)).toBeLessThan(25_000);
  });

  test('begin at once where Discord allows so many, and for other bots', async () => {
    const all = [0, 1].map((shard) => ofProcess(2)(shard));
    await Promise.all([...all, ofProcess(2, 'other bot')(0)]);
    expect(begun.map(({ at }) => at)).toEqual([0, 0, 0]);
  });

  test('wait while the database is away, and no longer than they are wanted', async () => {
    const stop = new AbortController();
    leases.answering = 'with an error';
    const waiting = ofProcess()(0);
    const stopped = ofProcess()(1, stop.signal);
    await clock.advance(2_000);
    stop.abort(new Error('no longer wanted'));
    await expect(stopped).rejects.toThrow('no longer wanted');
    leases.answering = 'at once';
    await clock.advance(1_000);
    await waiting;
    expect(begun).toHaveLength(1);
  });
});

test('a gateway begins its session when no other process has just begun one', async () => {
  const double = await new DiscordDouble().start();
  const asked: string[] = [];
  class WatchedLeases extends ClockedLeases {
    override async take(name: string, owner: string, ms: number, note?: string): Promise<boolean> {
      asked.push(name);
      const bucket = name.endsWith('/identify/0') && !this.held.has(name);
      // Another process is always a moment earlier, at first.
      if (bucket) await super.take(name, 'another', 60_000);
      return super.take(name, owner, ms, note);
    }
  }
  const leases = new WatchedLeases(systemClock);
  const bench = await openAdapter({ double, leases, start: false });
  const starting = bench.adapter.start();
  const tries = () => asked.filter((name) => name.endsWith('/identify/0'));
  await awaitCondition(() => tries().length >= 3);
  const begun = () => double.log.entries.some((e) => e.type === 'gateway' && e.what === 'identified');
  expect(begun()).toBe(false);
  leases.held.set(tries()[0] ?? '', { owner: 'another', until: 0, note: null });
  expect(await starting).toMatchObject({ state: 'ready' });
  expect(begun()).toBe(true);
  await bench.close();
});
