import { expect } from 'vitest';
import type { StrikeResult } from './strike-everywhere.js';

/** What goes by time, such as the renewal of a lease, may not come in a short answer: on a slow machine, more of it. */
const MAY_NOT_COME = 0.4;

export function expectMostReached({ verdicts }: StrikeResult): void {
  const strikes = verdicts.flatMap(({ verdict }) => verdict.strikes);
  const reached = strikes.filter((strike) => strike.reached);
  expect(reached.length).toBeGreaterThan(strikes.length * (1 - MAY_NOT_COME));
}
