import type { TurnView } from '../../ports/turns/turn-store.js';

/** Who may stop a reply, or have it written again: whoever asked, and whoever may change the settings there. */
export function mayActOn(turn: Pick<TurnView, 'authorKey'>, authorKey: string, mayChange: boolean): boolean {
  return mayChange || turn.authorKey === authorKey;
}
