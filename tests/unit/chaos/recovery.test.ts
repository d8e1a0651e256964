import { describe, expect, test } from 'vitest';
import { Activity } from '../../chaos/activity.js';
import type { Struck } from '../../chaos/fault-driver.js';
import type { Ending } from '../../chaos/fleet.js';
import { recoveries } from '../../chaos/recovery.js';

const KILLED_AT = 100_000;
const killed = (over: Partial<Ending> = {}): Ending => ({
  name: 'worker-1',
  command: 'worker',
  at: KILLED_AT,
  signal: 'SIGKILL',
  late: false,
  ...over,
});
const itself: Struck = { name: 'kill -9 worker-1', halts: true, from: KILLED_AT - 5, to: KILLED_AT };
const broken = [{ tag: 't1', at: KILLED_AT + 20 }];

function seen(...changes: readonly (readonly [at: number, finished: boolean])[]): Activity {
  const activity = new Activity();
  for (const [at, finished] of changes) activity.changed('t1', finished, at);
  return activity;
}

describe('the recovery of a reply', () => {
  test('is the time from the kill to the next change people see', () => {
    const activity = seen([KILLED_AT - 50, false], [KILLED_AT + 4_200, false], [KILLED_AT + 6_000, true]);
    expect(recoveries([killed()], broken, [itself], activity)).toEqual([
      { tag: 't1', name: 'worker-1', ms: 4_200, alone: true },
    ]);
  });

  test.each([
    ['struck meanwhile', KILLED_AT + 1_000, KILLED_AT + 2_000, true, false],
    ['was still away', KILLED_AT - 9_000, KILLED_AT - 1_000, true, false],
    ['was back long before', KILLED_AT - 9_000, KILLED_AT - 6_000, true, true],
    ['struck later', KILLED_AT + 5_000, KILLED_AT + 6_000, true, true],
    ['struck meanwhile, but keeps no answer waiting', KILLED_AT + 1_000, KILLED_AT + 2_000, false, true],
  ])('is told apart where something else %s', (_name, from, to, halts, alone) => {
    const struck = [{ name: 'Redis killed', halts, from, to }, itself].sort((a, b) => a.from - b.from);
    const activity = seen([KILLED_AT + 4_200, true]);
    expect(recoveries([killed()], broken, struck, activity)).toMatchObject([{ ms: 4_200, alone }]);
  });

  test('is none where the whole answer stood there already, and never where nothing came', () => {
    expect(recoveries([killed()], broken, [itself], seen([KILLED_AT - 50, true]))).toEqual([]);
    expect(recoveries([killed()], broken, [itself], seen([KILLED_AT - 50, false]))).toMatchObject([
      { ms: null, alone: true },
    ]);
  });

  test('concerns processes that write answers and were killed', () => {
    const activity = seen([KILLED_AT + 4_200, true]);
    const others = [killed({ command: 'gateway' }), killed({ signal: 'SIGTERM' }), killed({ at: 50_000 })];
    expect(recoveries(others, broken, [itself], activity)).toEqual([]);
  });
});
