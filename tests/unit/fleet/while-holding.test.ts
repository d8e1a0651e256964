import { beforeEach, describe, expect, test } from 'vitest';
import { type Holding, whileHolding } from '../../../src/fleet/while-holding.js';
import { ClockedLeases } from '../../doubles/clocks/clocked-leases.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { deferred } from '../../doubles/deferred.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

describe('work that one process does at a time', () => {
  let clock: FakeClock;
  let leases: ClockedLeases;
  let stop: AbortController;
  beforeEach(() => {
    clock = new FakeClock();
    leases = new ClockedLeases(clock);
    stop = new AbortController();
  });

  /** A process whose work lasts until it has to end. */
  function run(owner: string, signal = stop.signal) {
    const holdings: Holding[] = [];
    let standingBy = 0;
    const options = {
      leases,
      name: 'shard',
      owner,
      clock,
      log: new RecordedLog(),
      signal,
      onStandby: () => {
        standingBy += 1;
      },
    };
    const ended = whileHolding(options, (holding) => {
      holdings.push(holding);
      const done = deferred();
      holding.signal.addEventListener('abort', () => done.resolve());
      return done.promise;
    });
    return { holdings, ended, standingBy: () => standingBy };
  }

  test('is kept for as long as the process lives; the others stand by', async () => {
    const one = run('one');
    await clock.advance(0);
    const two = run('two');
    await clock.advance(60_000);
    expect(one.holdings).toHaveLength(1);
    expect(one.holdings[0]?.signal.aborted).toBe(false);
    expect(two.holdings).toHaveLength(0);
    expect(two.standingBy()).toBeGreaterThan(0);
    stop.abort();
    expect(await Promise.all([one.ended, two.ended])).toEqual([null, null]);
    expect(leases.held.size).toBe(0);
  });

  test('goes to the next within half a second when the process stops', async () => {
    const leaving = new AbortController();
    const one = run('one', leaving.signal);
    await clock.advance(0);
    const two = run('two');
    await clock.advance(1_000);
    leaving.abort();
    await clock.advance(500);
    expect(await one.ended).toBeNull();
    expect(two.holdings).toHaveLength(1);
    stop.abort();
  });

  test('goes to the next within 6.5 s when the process dies', async () => {
    leases.held.set('shard', { owner: 'dead', until: clock.now() + 6_000, note: null });
    const two = run('two');
    await clock.advance(6_500);
    expect(two.holdings).toHaveLength(1);
    stop.abort();
  });

  test.each(['with an error', 'never'] as const)(
    'ends before the lease does where the store answers %s, and is taken up again later',
    async (answering) => {
      const one = run('one');
      await clock.advance(0);
      leases.answering = answering;
      await clock.advance(4_000);
      expect(one.holdings[0]?.lost()).toBe(false);
      const until = leases.held.get('shard')?.until ?? 0;
      await clock.advance(until - clock.now() - 1);
      expect(one.holdings[0]?.signal.aborted).toBe(true);
      expect(one.holdings[0]?.lost()).toBe(true);
      leases.answering = 'at once';
      await clock.advance(10_000);
      expect(one.holdings).toHaveLength(2);
      stop.abort();
      await one.ended;
    },
  );

  test('ends at once where someone else has it', async () => {
    const one = run('one');
    await clock.advance(0);
    leases.held.set('shard', { owner: 'two', until: clock.now() + 60_000, note: null });
    await clock.advance(1_500);
    expect(one.holdings[0]?.lost()).toBe(true);
    expect(leases.held.get('shard')?.owner).toBe('two');
    stop.abort();
    await one.ended;
  });
});
