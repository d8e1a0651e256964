import { type BenchRow, median } from '../bench-row.js';
import type { Storage } from './backend.js';
import { type Asked, medianSteps, STEPS, type Step, type StepTimes, takeTurn } from './turn-steps.js';

/** Where the turns of one side are taken. */
export interface Side {
  readonly name: string;
  readonly storage: Storage;
  /** The conversation and author of turn `i`, counted from 0. */
  readonly turn: (i: number) => Asked;
}

export interface Comparison {
  readonly name: string;
  readonly base: Side;
  readonly subject: Side;
  /** Before each round, outside of what is measured. */
  readonly prepare?: () => Promise<void>;
}

export interface Rounds {
  readonly rounds: number;
  readonly turns: number;
}

type Medians = ReturnType<typeof medianSteps>;

/** How much dearer a turn may become with what is stored. */
const FLAT = { atMost: 1.2 };

/**
 * Turns of both sides one by one in alternation; in each round the median of each step, and of rounds the median of
 * their ratios.
 */
export async function compareTurns(comparison: Comparison, { rounds, turns }: Rounds): Promise<BenchRow[]> {
  const { name, base, subject, prepare } = comparison;
  const results: { readonly base: Medians; readonly subject: Medians }[] = [];
  for (let round = -1; round < rounds; round++) {
    await prepare?.();
    const times = { base: [] as StepTimes[], subject: [] as StepTimes[] };
    for (let i = 0; i < turns; i++) {
      const nth = (round + 1) * turns + i;
      const first = i % 2 === 0 ? ('base' as const) : ('subject' as const);
      for (const side of [first, first === 'base' ? 'subject' : 'base'] as const) {
        const { storage, turn } = side === 'base' ? base : subject;
        times[side].push(await takeTurn(storage, turn(nth)));
      }
    }
    // The first round connects, compiles and plans.
    if (round >= 0) results.push({ base: medianSteps(times.base), subject: medianSteps(times.subject) });
  }
  const ratio = (step: Step | 'turn') =>
    median(results.map((round) => round.subject[step] / round.base[step]));
  const ms = (side: 'base' | 'subject', step: Step | 'turn') =>
    median(results.map((round) => round[side][step])).toFixed(2);
  const steps = STEPS.map(
    (step) => `${step} ${ratio(step).toFixed(2)} (${ms('base', step)} → ${ms('subject', step)})`,
  );
  return [
    {
      name: `${name}: a turn at ${subject.name}, of one at ${base.name}`,
      value: ratio('turn'),
      unit: '×',
      target: FLAT,
      note: `${ms('base', 'turn')} → ${ms('subject', 'turn')} ms; ${steps.join(', ')}`,
    },
  ];
}
