import type { Address } from '../domain/address.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { ClaimedTurn } from '../domain/turn.js';
import type { ModelRoutes } from '../ports/fleet/model-routes.js';
import type { ModelRouter } from '../ports/models/model-router.js';
import type { TurnClaims } from '../ports/turns/turn-claims.js';
import type { WakeUps } from '../ports/turns/wake-ups.js';

export interface PlaceTurnDeps {
  /** The models this worker serves. */
  readonly serves: Pick<ReadonlySet<string>, 'has'>;
  readonly routes: ModelRoutes;
  readonly wakeUps: WakeUps;
  readonly claims: Pick<TurnClaims, 'release'>;
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
  await deps.claims.release(turn);
  await deps.wakeUps.add({ conversationId: turn.conversationId, alias });
  return false;
}

function isHere(alias: string, { serves, routes }: PlaceTurnDeps): boolean {
  // One that is no model any more, or that nobody serves: any worker can say so.
  if (serves.has(alias) || !routes.has(alias) || routes.isGone(alias)) return true;
  const route = routes.routeOf(alias);
  return route !== null && serves.has(route);
}

/** The models of this worker, for turns placed here. Where one went since then its turn is pending again, and placed anew. */
export function placedModels(router: ModelRouter, routes: Pick<ModelRoutes, 'has' | 'isGone'>): ModelRouter {
  return {
    models: () => router.models(),
    has: (alias) => router.has(alias),
    async *stream(request, signal) {
      try {
        yield* router.stream(request, signal);
      } catch (error) {
        const { alias } = request;
        const unserved = error instanceof ExpectedFailure && error.kind === 'model-unserved';
        if (!unserved || !routes.has(alias) || routes.isGone(alias)) throw error;
        const message = `the model ${alias} went while a turn was on its way to it`;
        throw new ExpectedFailure('setup', message, { retryable: true, cause: error });
      }
    },
  };
}
