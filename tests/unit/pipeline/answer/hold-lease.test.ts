import { describe, expect, test } from 'vitest';
import type { ClaimedTurn } from '../../../../src/domain/turn.js';
import { holdLease } from '../../../../src/pipeline/answer/hold-lease.js';
import type { TurnEvent } from '../../../../src/ports/turns/live-events.js';
import type { TurnClaims } from '../../../../src/ports/turns/turn-claims.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';

const TIMES = { leaseMs: 15_000, renewEveryMs: 5_000 };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type Renewal = Awaited<ReturnType<TurnClaims['renew']>> | Error | 'no answer';

function hold(renewals: readonly Renewal[], turn: Partial<ClaimedTurn> = {}, claimedMsAgo = 0) {
  const clock = new FakeClock();
  const left = [...renewals];
  let listener: ((event: TurnEvent) => void) | undefined;
  let subscribed = true;
  const claims = {
    renew: async () => {
      const next = left.shift() ?? { held: true, stopRequested: false };
      if (next instanceof Error) throw next;
      return next === 'no answer' ? new Promise<never>(() => {}) : next;
    },
  };
  const live = {
    publish: () => {},
    subscribe: async (_turnId: number, heard: (event: TurnEvent) => void) => {
      listener = heard;
      return () => {
        subscribed = false;
      };
    },
    stop: async () => {},
  };
  const claimedAt = clock.now() - claimedMsAgo;
  const claimed = { id: 1, stopRequested: false, ...turn };
  const lease = holdLease(claimed as ClaimedTurn, claimedAt, TIMES, {
    claims,
    live,
    clock,
    log: silent,
  });
  return { clock, lease, say: (event: TurnEvent) => listener?.(event), subscribed: () => subscribed };
}

describe('holdLease', () => {
  test('aborts as lost when another attempt holds the turn', async () => {
    const { clock, lease } = hold([
      { held: true, stopRequested: false },
      { held: false, stopRequested: false },
    ]);
    await clock.advance(5_000);
    expect(lease.lost.aborted).toBe(false);
    await clock.advance(5_000);
    expect(lease.lost.reason).toMatchObject({ name: 'LeaseLost' });
  });

  test('survives renewals that fail, until the lease must have run out', async () => {
    const away = new Error('database away');
    const { clock, lease } = hold([away, away, away]);
    await clock.advance(10_000);
    expect(lease.lost.aborted).toBe(false);
    await clock.advance(5_000);
    expect(lease.lost.aborted).toBe(true);
  });

  test('does not wait for a database that hangs: when the lease must have run out, it is lost', async () => {
    const { clock, lease } = hold([{ held: true, stopRequested: false }, 'no answer']);
    await clock.advance(19_999);
    expect(lease.lost.aborted).toBe(false);
    await clock.advance(1);
    expect(lease.lost.reason).toMatchObject({ name: 'LeaseLost' });
  });

  test('counts from when the claim was asked for: one whose answer came too late is lost at once', async () => {
    const { clock, lease } = hold(['no answer'], {}, 10_000);
    await clock.advance(4_999);
    expect(lease.lost.aborted).toBe(false);
    await clock.advance(1);
    expect(lease.lost.aborted).toBe(true);
    expect(hold([], {}, 15_000).lease.lost.aborted).toBe(true);
  });

  test('is found lost by whoever asks, where the process stood still and no timer has told of it yet', () => {
    const { clock, lease } = hold([]);
    clock.jump(14_999);
    lease.check();
    clock.jump(1);
    expect(() => lease.check()).toThrow(expect.objectContaining({ name: 'LeaseLost' }));
    expect(lease.lost.aborted).toBe(true);
  });

  test('hears the wish to stop at once, from the database at the next renewal, or from before the claim', async () => {
    const live = hold([]);
    await live.clock.advance(0);
    live.say({ type: 'stop' });
    expect(live.lease.stopAsked.reason).toMatchObject({ name: 'StopAsked' });
    const stored = hold([{ held: true, stopRequested: true }]);
    await stored.clock.advance(5_000);
    expect(stored.lease.stopAsked.aborted).toBe(true);
    expect(stored.lease.lost.aborted).toBe(false);
    expect(hold([], { stopRequested: true }).lease.stopAsked.aborted).toBe(true);
  });

  test('renews and listens no more once let go', async () => {
    const { clock, lease, subscribed } = hold([{ held: false, stopRequested: false }]);
    await clock.advance(0);
    lease.letGo();
    await clock.advance(60_000);
    expect(lease.lost.aborted).toBe(false);
    expect(subscribed()).toBe(false);
    expect(clock.sleeping).toBe(0);
  });
});
