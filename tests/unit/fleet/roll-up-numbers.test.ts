import { expect, onTestFinished, test } from 'vitest';
import { createNumbersRollUp } from '../../../src/fleet/roll-up-numbers.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

/** Processes of one fleet, each with a roll-up, on one list of due days. */
function setUp(due: string[]) {
  const clock = new FakeClock();
  const log = new RecordedLog();
  const rolledUp: string[] = [];
  let holder: string | null = null;
  /** Called before a day is added up. */
  const hooks = { before: async (_day: string) => {} };
  const numbers = {
    due: async () => due.slice(0, 2),
    async rollUp(day: string) {
      await hooks.before(day);
      due.splice(due.indexOf(day), 1);
      rolledUp.push(day);
    },
  };
  const leases = {
    async take(_name: string, owner: string) {
      holder ??= owner;
      return holder === owner;
    },
    async release(_name: string, owner: string) {
      if (holder === owner) holder = null;
    },
  };
  const startOne = (alone = false) => {
    const rollUp = createNumbersRollUp({ numbers, leases: alone ? null : leases, clock, log });
    onTestFinished(() => rollUp.stop());
    rollUp.start();
    return rollUp;
  };
  return {
    clock,
    log,
    due,
    rolledUp,
    hooks,
    startOne,
    holder: () => holder,
    hold: (by: string | null) => (holder = by),
  };
}

test('all due days are added up, oldest first, and the lease is given back', async () => {
  const { clock, rolledUp, startOne, holder } = setUp(['d1', 'd2', 'd3']);
  startOne();
  await clock.advance(0);
  expect(rolledUp).toEqual(['d1', 'd2', 'd3']);
  expect(holder()).toBeNull();
});

test('a day that falls due later is added up within a minute', async () => {
  const { clock, due, rolledUp, startOne } = setUp([]);
  startOne(true);
  await clock.advance(0);
  due.push('d1');
  await clock.advance(60_000);
  expect(rolledUp).toEqual(['d1']);
});

test('while one process adds up, another does nothing, and goes on once it may', async () => {
  const { clock, rolledUp, startOne, hold } = setUp(['d1']);
  hold('another process');
  startOne();
  await clock.advance(60_000);
  expect(rolledUp).toEqual([]);
  hold(null);
  await clock.advance(60_000);
  expect(rolledUp).toEqual(['d1']);
});

test('who loses the lease half way stops there', async () => {
  const { clock, rolledUp, hooks, startOne, hold } = setUp(['d1', 'd2', 'd3']);
  hooks.before = async () => void hold('another process');
  startOne();
  await clock.advance(0);
  expect(rolledUp).toEqual(['d1']);
});

test('what fails is logged, the lease given back, and tried again', async () => {
  const { clock, log, rolledUp, hooks, startOne, holder } = setUp(['d1']);
  hooks.before = async () => {
    hooks.before = async () => {};
    throw new Error('the database is away');
  };
  startOne();
  await clock.advance(0);
  expect([rolledUp, holder()]).toEqual([[], null]);
  expect(log.lines.map(({ message }) => message)).toEqual(['sweep failed']);
  await clock.advance(60_000);
  expect(rolledUp).toEqual(['d1']);
});
