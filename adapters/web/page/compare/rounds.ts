import type { ShownTurn, Vote } from '../chat/turns/turn.js';

/** One question, and what became of it on either side; null where that side was never asked. */
export interface Round {
  readonly key: string;
  readonly question: string;
  readonly turns: readonly [ShownTurn | null, ShownTurn | null];
}

/** What a person says of two answers: one is better, both are good, or both are bad. */
const VERDICTS = ['first', 'second', 'good', 'bad'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const VOTES: Readonly<Record<Verdict, readonly [Vote, Vote]>> = {
  first: [1, -1],
  second: [-1, 1],
  good: [1, 1],
  bad: [-1, -1],
};

/** The turns of two conversations by their questions. One side may lack some: what never arrived is stored nowhere. */
export function pairTurns(first: readonly ShownTurn[], second: readonly ShownTurn[]): Round[] {
  const rounds: Round[] = [];
  const add = (one: ShownTurn | null, other: ShownTurn | null) => {
    const turn = one ?? other;
    if (turn) rounds.push({ key: turn.key, question: turn.question, turns: [one, other] });
  };
  let reached = 0;
  for (const turn of first) {
    const found = second.findIndex(({ question }, place) => place >= reached && question === turn.question);
    if (found === -1) {
      add(turn, null);
      continue;
    }
    for (const alone of second.slice(reached, found)) add(null, alone);
    add(turn, second[found] ?? null);
    reached = found + 1;
  }
  for (const alone of second.slice(reached)) add(null, alone);
  return rounds;
}

/** What was said of a round; null where nothing, or only one side, was judged. */
export function verdictOf({ turns: [first, second] }: Round): Verdict | null {
  const said = (verdict: Verdict) => first?.vote === VOTES[verdict][0] && second?.vote === VOTES[verdict][1];
  return VERDICTS.find(said) ?? null;
}

/** Both sides have an answer that came to its end. */
export function isComparable({ turns }: Round): boolean {
  return turns.every((turn) => turn?.state === 'done' && turn.turnId !== null);
}
