import type { Address } from '../domain/address.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { ClaimedTurn } from '../domain/turn.js';
import type { ModelRoutes } from '../ports/model-routes.js';
import type { TurnStore } from '../ports/turn-store.js';
import type { WakeUps } from '../ports/wake-ups.js';

export interface PlaceTurnDeps {
  /** The models this worker serves. */
  readonly serves: ReadonlySet<string>;
  readonly routes: ModelRoutes;
  readonly wakeUps: WakeUps;
  readonly turns: Pick<TurnStore, 'release'>;
  readonly settingsAt: (address: Address) => Promise<EffectiveSettings>;
}

/**
 * Whether this worker is to answer a turn that it claimed. Where it is not, the turn is given back, and its conversation
 * handed on to those who serve the model.
 */
export async function placeTurn(turn: ClaimedTurn, deps: PlaceTurnDeps): Promise<boolean> {
  // Nothing is left for a model to do.
  if (turn.forgotten || turn.stopRequested || turn.kept !== null) return true;
  const alias = turn.model ?? (await deps.settingsAt(turn.address)).model;
  if (isHere(alias, deps)) return true;
  await deps.turns.release(turn);
  await deps.wakeUps.add({ conversationId: turn.conversationId, alias });
  return false;
}

function isHere(alias: string, { serves, routes }: PlaceTurnDeps): boolean {
  // One that is no model any more, or that nobody serves: any worker can say so.
  if (serves.has(alias) || !routes.has(alias) || routes.isGone(alias)) return true;
  const route = routes.routeOf(alias);
  return route !== null && serves.has(route);
}
