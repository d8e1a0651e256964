import { randomUUID } from 'node:crypto';
import type { Leases } from '../ports/fleet/leases.js';
import type { NumbersStore } from '../ports/numbers/numbers.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { createRounds, type Sweeper } from './rounds.js';

/** Milliseconds between two looks for days to add up. */
const EVERY_MS = 60_000;
/** Milliseconds the lease of who adds up holds; it is prolonged before each day. */
const LEASE_MS = 120_000;
const LEASE = 'numbers';

export interface NumbersRollUpDeps {
  readonly numbers: Pick<NumbersStore, 'due' | 'rollUp'>;
  /** null where this process alone has the database. */
  readonly leases: Pick<Leases, 'take' | 'release'> | null;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Adds up the numbers of days that are over, and those of earlier ones that changed, once a minute. Every process may
 * run it: the one that takes the lease does the work.
 */
export function createNumbersRollUp({ numbers, leases, clock, log }: NumbersRollUpDeps): Sweeper {
  const owner = randomUUID();
  const mine = async () => leases === null || (await leases.take(LEASE, owner, LEASE_MS));

  return createRounds({ name: 'numbers', clock, log, everyMs: EVERY_MS }, async (signal) => {
    if (!(await mine())) return;
    try {
      for (let days = await numbers.due(); days.length > 0; days = await numbers.due()) {
        for (const day of days) {
          if (signal.aborted || !(await mine())) return;
          await numbers.rollUp(day);
        }
        log.debug({ days: days.length }, 'numbers added up');
      }
    } finally {
      await leases?.release(LEASE, owner);
    }
  });
}
