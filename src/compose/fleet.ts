import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ParleyConfig } from '../config/parley-config.js';
import { DEFAULT_SAMPLING, mergeSampling } from '../domain/sampling.js';
import { redisWorkerRegistry } from '../exchange/redis-worker-registry.js';
import { type Announcement, announceModels } from '../fleet/announce-models.js';
import { fleetRoutes } from '../fleet/fleet-routes.js';
import { KnownFiles } from '../models/catalog/known-files.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import type { ModelRoutes } from '../ports/fleet/model-routes.js';
import type { ModelRouter, ModelSummary } from '../ports/models/model-router.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { StopStack } from '../process/stop-stack.js';
import { fallbackChains } from '../routing/fallback-chains.js';

/** What the processes of a fleet know of each other. */
export interface Fleet {
  readonly routes: ModelRoutes;
  /** The models there are, and whether a worker serves them; how it has them, `fleetModels` tells. */
  readonly directory: Pick<ModelRouter, 'models' | 'has'>;
  /** Says that a worker serves these models, asked each time, until it is stopped. */
  announce(worker: string, aliases: () => ReadonlySet<string>): Announcement;
}

/** Processes that share a database and a Redis are one fleet. */
export function isFleet({ databaseUrl, redisUrl }: ParleyConfig): boolean {
  return databaseUrl !== null && redisUrl !== null;
}

/** This process's name among all of one database; another one after each start. */
export function processName(): string {
  return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
}

export async function composeFleet(
  config: ParleyConfig,
  catalog: ModelCatalog,
  { clock, log, stops }: { readonly clock: Clock; readonly log: Log; readonly stops: StopStack },
): Promise<Fleet> {
  const registry = redisWorkerRegistry(config.redisUrl ?? '', log);
  stops.add(() => registry.stop());
  const models = await catalogModels(config, catalog);
  const goneAfterMs = config.worker.unservedAfterMs;
  const routes = fleetRoutes({ chains: fallbackChains(models), registry, goneAfterMs, clock, log });
  stops.add(() => routes.stop());
  await routes.start();
  const stateOf = (alias: string): ModelSummary['state'] =>
    routes.isServed(alias) ? 'ready' : 'unavailable';
  return {
    routes,
    directory: {
      has: (alias) => routes.has(alias),
      models: () =>
        models.map(({ fallbacks: _, ...model }) => ({
          ...model,
          state: stateOf(model.alias),
          isDefault: model.alias === config.defaultModel,
        })),
    },
    announce: (worker, aliases) => announceModels(worker, aliases, { registry, clock, log }),
  };
}

/** Every model of the catalog, and `auto`, which each worker understands in its own way. */
async function catalogModels(config: ParleyConfig, catalog: ModelCatalog) {
  const items = await catalog.list();
  const entries = await Promise.all(items.map(({ alias }) => catalog.entry(alias)));
  const files = new KnownFiles(items);
  const models = entries.map(({ alias, description, runs, contextSize, fallback, sampling, license }) => ({
    alias,
    description,
    runs,
    contextWindow: contextSize,
    fallbacks: fallback,
    sampling: mergeSampling(sampling, config.sampling, DEFAULT_SAMPLING),
    ...files.of(alias),
    ...(license !== undefined && { license }),
  }));
  const auto = {
    alias: 'auto',
    description: 'the default model of the worker that answers',
    runs: 'local' as const,
    contextWindow: null,
    fallbacks: config.defaultModel === 'auto' ? [] : [config.defaultModel],
  };
  return [...models, auto];
}
