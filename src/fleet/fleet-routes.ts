import type { ModelRoutes } from '../ports/fleet/model-routes.js';
import type { WorkerRegistry } from '../ports/fleet/worker-registry.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { createRounds } from './rounds.js';

/** Milliseconds between two looks at what workers announce. */
const LOOK_MS = 2_000;

/** Workers say what they serve more often than this. */
const SAID_AGAIN_MS = 15_000;

export interface FleetRoutesDeps {
  /** Every alias, and what answers in its place, in order: itself first. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly registry: Pick<WorkerRegistry, 'unservedMs'>;
  /** How long nobody has to serve a model for it to be gone. */
  readonly goneAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface FleetRoutes extends ModelRoutes {
  /** Looks once, then again and again. A registry out of reach is logged: what was seen last holds. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Chooses by what workers announce. Before the first look every model is taken for served. */
export function fleetRoutes({ chains, registry, goneAfterMs, clock, log }: FleetRoutesDeps): FleetRoutes {
  let unserved: ReadonlyMap<string, number> | null = null;
  /** By this process's clock. Of a model never heard of, the first look counts: its worker may be about to start. */
  let firstLook = 0;
  let lastLook = 0;
  /** A Redis that forgot everything makes no model gone: what this process saw holds. */
  const servedAt = new Map<string, number>();
  const chainOf = (alias: string) => chains.get(alias) ?? [alias];

  async function look(): Promise<void> {
    const found = await registry.unservedMs();
    lastLook = clock.now();
    if (unserved === null) firstLook = lastLook;
    unserved = found;
    for (const [alias, ms] of found) servedAt.set(alias, Math.max(lastLook - ms, servedAt.get(alias) ?? 0));
  }

  function isServed(alias: string): boolean {
    if (unserved === null) return true;
    const ms = unserved.get(alias);
    if (ms !== undefined) return ms === 0;
    // Never heard of, or forgotten by a Redis that lost its data: then its workers are about to say so again.
    return lastLook - (servedAt.get(alias) ?? Number.NEGATIVE_INFINITY) < SAID_AGAIN_MS;
  }

  const rounds = createRounds({ name: 'served models', clock, log, everyMs: LOOK_MS }, look);

  return {
    aliases: [...chains.keys()],
    has: (alias) => chains.has(alias),
    isServed,
    routeOf: (alias) => chainOf(alias).find(isServed) ?? null,
    isGone(alias) {
      if (unserved === null) return false;
      const since = Math.max(...chainOf(alias).map((other) => servedAt.get(other) ?? firstLook));
      return lastLook - since >= goneAfterMs;
    },
    async start() {
      await look().catch((err: unknown) => log.warn({ err }, 'what workers serve is not known yet'));
      rounds.start();
    },
    stop: () => rounds.stop(),
  };
}
