import type { Clock } from '../../ports/process/clock.js';
import type { PressedControl } from '../../ports/turns/turn-actions.js';
import type { TurnLookup, TurnView } from '../../ports/turns/turn-lookup.js';

/** Waits between looks at a part that is not stored yet, in ms: some ten seconds together. */
const LOOK_AGAIN_MS = [50, 100, 200, 400, 800, 1_500, 3_000, 4_000];
/** What the database can hold. */
const MAX_ID = 2_147_483_647;

/**
 * The turn that a pressed control belongs to. A message can be pressed as soon as it is there, and the worker stores
 * whose part it is only once the platform has answered: while the turn that the control claims goes on, that is waited
 * for. The claim alone is never believed.
 */
export async function findPressed(
  { platform, messageId, claimed }: PressedControl,
  { turns, clock }: { readonly turns: Pick<TurnLookup, 'find' | 'findByPart'>; readonly clock: Clock },
  signal: AbortSignal,
): Promise<TurnView | null> {
  if (!Number.isInteger(claimed) || claimed < 1 || claimed > MAX_ID) return null;
  let mayCome = true;
  for (const wait of LOOK_AGAIN_MS) {
    const turn = await turns.findByPart(platform, messageId);
    if (turn) return turn.id === claimed ? turn : null;
    // What had ended before this look has all its parts stored.
    if (!mayCome) return null;
    mayCome = (await turns.find(claimed))?.outcome === null;
    if (mayCome) await clock.sleep(wait, signal);
  }
  return null;
}
