import type { KnownPlatform } from '../../adapters/web/admin/admin-platform-routes.js';
import { createWebAdapter, type WebAdapter } from '../../adapters/web/create-web-adapter.js';
import { QUEUES_PATH } from '../../adapters/web/server/queue-routes.js';
import type { ParleyConfig } from '../config/parley-config.js';
import type { ModelPrice } from '../domain/models/model-entry.js';
import { fleetModels } from '../fleet/fleet-models.js';
import type { AdapterPorts } from '../pipeline/accept/open-inbox.js';
import { COMMANDS } from '../pipeline/commands/definitions.js';
import type { Reports } from '../ports/fleet/reports.js';
import type { ModelRouter } from '../ports/models/model-router.js';
import { isFleet } from './fleet.js';
import type { Foundation } from './foundation.js';
import { TOKEN_VARIABLES } from './platforms.js';
import { LOG_EXPORT_QUEUE } from './queue.js';

/** The HTTP API. It answers nothing itself: replies come from a worker, over the live events. */
export function composeWeb(
  foundation: Foundation,
  parts: {
    readonly ports: AdapterPorts;
    readonly router: Pick<ModelRouter, 'models' | 'has'>;
    readonly reports: Reports;
  },
): WebAdapter {
  const { config, clock, log, metrics, queue, stops, stores } = foundation;
  const { turns, memory, history, conversations, settings, usage, listing, users, places, numbers } = stores;
  const { ports, router, reports } = parts;
  const { apiKey } = config.web;
  const exported = config.logExport === null ? [] : [LOG_EXPORT_QUEUE];
  const web = createWebAdapter({
    ...ports,
    router,
    ...(isFleet(config) && { modelsNow: fleetModels({ directory: router, workers: reports.workers, log }) }),
    liveEvents: queue.live,
    turns,
    memory,
    history,
    settings,
    conversations,
    numbers,
    prices: { currency: config.currency, byModel: pricesByModel(config) },
    commands: COMMANDS,
    choices: {
      personas: [...foundation.personas.values()],
      defaults: { persona: config.personas.default, language: config.language },
    },
    readiness: foundation.readiness,
    metrics: () => metrics.read(),
    queueBoard: queue.board(QUEUES_PATH, exported),
    administration: {
      ...{ ...ports, router, turns, memory, settings, usage, listing, users, places },
      limits: config.limits,
      apiKeys: stores.apiKeys,
      reports,
      platforms: knownPlatforms(config),
      personas: [...foundation.personas.keys()],
    },
    clock,
    log,
    apiKeys: stores.apiKeys,
    ...(apiKey === null ? {} : { apiKey }),
  });
  stops.add(() => web.stop());
  return web;
}

function pricesByModel({ models }: ParleyConfig): ReadonlyMap<string, ModelPrice> {
  return new Map([...models].flatMap(([alias, { price }]) => (price === undefined ? [] : [[alias, price]])));
}

function knownPlatforms(config: ParleyConfig): readonly KnownPlatform[] {
  return (['discord', 'slack'] as const).map((platform) => ({
    platform,
    variables: TOKEN_VARIABLES.get(platform) ?? '',
    hasToken: config[platform] !== null,
  }));
}
