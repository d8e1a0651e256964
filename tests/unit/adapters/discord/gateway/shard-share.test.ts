import { beforeEach, describe, expect, test } from 'vitest';
import { ShardShare } from '../../../../../adapters/discord/gateway/shard-share.js';
import { whileHolding } from '../../../../../src/fleet/while-holding.js';
import { ClockedLeases } from '../../../../doubles/clocks/clocked-leases.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';

describe('shards among gateways', () => {
  let clock: FakeClock;
  let leases: ClockedLeases;
  beforeEach(() => {
    clock = new FakeClock();
    leases = new ClockedLeases(clock);
  });
  /** A gateway; `held` tells which shards it has. */
  function gateway(owner: string, shards: number) {
    const log = new RecordedLog();
    const share = new ShardShare({ leases, token: 'bot', owner, shards, clock, log });
    const held = new Set<number>();
    const stop = new AbortController();
    const { signal } = stop;
    async function run(shard: number): Promise<void> {
      while (!signal.aborted) {
        const name = `shard-${shard}`;
        const mayTake = () => share.mayTake(shard, name);
        const onStandby = () => share.release(shard);
        const options = { leases, name, owner, note: () => 'held', clock, log, mayTake, onStandby, signal };
        await whileHolding(options, async ({ signal: until }) => {
          held.add(shard);
          await new Promise<void>((resolve) => {
            share.hold(shard, resolve);
            until.addEventListener('abort', () => resolve(), { once: true });
          });
          held.delete(shard);
        });
        share.release(shard);
      }
    }
    const running = [share.keep(signal), ...Array.from({ length: shards }, (_, shard) => run(shard))];
    const end = async () => {
      stop.abort();
      await Promise.all(running);
    };
    return { held, end };
  }

  test('one has all; each that joins is given its share, and what it had goes to the others when it leaves', async () => {
    const first = gateway('first', 5);
    await clock.advance(2_000);
    expect(first.held.size).toBe(5);
    const second = gateway('second', 5);
    await clock.advance(40_000);
    expect([first.held.size, second.held.size].sort()).toEqual([2, 3]);
    const third = gateway('third', 5);
    await clock.advance(40_000);
    const all = [first, second, third].flatMap(({ held }) => [...held]);
    expect(all.sort()).toEqual([0, 1, 2, 3, 4]);
    for (const { held } of [first, second, third]) expect(held.size).toBeLessThanOrEqual(2);
    await first.end();
    await clock.advance(5_000);
    expect([...second.held, ...third.held].sort()).toEqual([0, 1, 2, 3, 4]);
    await second.end();
    await clock.advance(5_000);
    expect(third.held.size).toBe(5);
    await third.end();
  });

  test('of one shard, the one that has it keeps it, and the next has it half a second after', async () => {
    const first = gateway('first', 1);
    await clock.advance(2_000);
    const second = gateway('second', 1);
    await clock.advance(60_000);
    expect([first.held.size, second.held.size]).toEqual([1, 0]);
    await first.end();
    await clock.advance(600);
    expect(second.held.size).toBe(1);
    await second.end();
  });

  test('a shard that nobody takes is taken by who has enough already', async () => {
    const first = gateway('first', 2);
    await clock.advance(2_000);
    // Present, and takes nothing.
    const idle = new ShardShare({
      leases,
      token: 'bot',
      owner: 'idle',
      shards: 2,
      clock,
      log: new RecordedLog(),
    });
    const stop = new AbortController();
    const keeping = idle.keep(stop.signal);
    await clock.advance(11_000);
    let missing = 0;
    for (let i = 0; i < 40; i++) {
      await clock.advance(500);
      if (first.held.size < 2) missing += 1;
    }
    expect(missing).toBeGreaterThan(0);
    // Three to four seconds in ten.
    expect(missing).toBeLessThan(20);
    stop.abort();
    await Promise.all([keeping, first.end()]);
  });
});
