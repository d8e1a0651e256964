import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import { ServedHere } from '../models/catalog/served-here.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { StopStack } from '../process/stop-stack.js';
import type { PrometheusMetrics } from '../telemetry/prometheus-metrics.js';
import { composeFleet, type Fleet, isFleet } from './fleet.js';
import { composeFoundation, type Foundation, type Readiness } from './foundation.js';
import { composeModels, type Models, warmUp } from './models.js';
import { composeMetrics } from './telemetry.js';

export interface ServingOptions {
  readonly catalog: ModelCatalog;
  readonly clock: Clock;
  readonly log: Log;
  /** Local models whose files could not be had: in a fleet another worker may have them. Default: none is known. */
  readonly missing?: ReadonlySet<string>;
  /**
   * Perhaps the only worker there is: where no model could be had it serves those all the same, and so its askers are
   * told why.
   */
  readonly alone: boolean;
}

export interface Serving {
  readonly models: Models;
  /** null outside a fleet. */
  readonly fleet: (Fleet & { readonly served: ServedHere }) | null;
}

/**
 * The models that this process runs, and in a fleet what it knows of the other workers. The first model loads while the
 * rest starts.
 *
 * @throws {ExpectedFailure} `setup` where a worker that is not alone could serve nothing
 */
export async function composeServing(
  config: ParleyConfig,
  deps: ServingOptions & { readonly metrics: PrometheusMetrics; readonly stops: StopStack },
): Promise<Serving> {
  const { catalog, clock, log, metrics, stops, missing = new Set<string>() } = deps;
  const served = isFleet(config) ? await servedHere(config, { ...deps, missing }) : null;
  const models = await composeModels(config, catalog, { clock, log, metrics }, served);
  metrics.watch({ engines: () => models.engines() });
  stops.add(() => models.stop());
  if (!missing.has(models.defaultAlias)) warmUp(models, log, stops);
  if (served === null) return { models, fleet: null };
  return { models, fleet: { ...(await composeFleet(config, catalog, { clock, log, stops })), served } };
}

/** The same, and what roles stand on: for a process that answers. */
export async function composeServingFoundation(
  config: ParleyConfig,
  options: ServingOptions & { readonly signal: AbortSignal },
  stops: StopStack,
): Promise<Serving & { readonly foundation: Foundation }> {
  const { clock, log, signal } = options;
  const metrics = composeMetrics(clock, stops);
  const { models, fleet } = await composeServing(config, { ...options, metrics, stops });
  const foundation = await composeFoundation(config, {
    clock,
    log,
    metrics,
    stops,
    defaultAlias: fleet === null ? models.defaultAlias : config.defaultModel,
    routes: fleet?.routes ?? null,
    onForgotten: (conversation) => models.forget(conversation),
    signal,
  });
  return { models, fleet, foundation };
}

async function servedHere(
  { defaultModel, downloads, worker }: ParleyConfig,
  { missing, ...deps }: ServingOptions & { readonly missing: ReadonlySet<string> },
): Promise<ServedHere> {
  const choice = { defaultModel, listed: worker.models, downloadsAllowed: downloads.allowed, missing };
  const served = await ServedHere.open({ ...deps, choice });
  if (served.aliases().size > 0) return served;
  throw new ExpectedFailure(
    'setup',
    'This worker can serve no model: "npx parley models list" shows what is here; set PARLEY_WORKER_MODELS, or get a model with "npx parley models pull".',
  );
}

/** Whether the model that is loaded first can answer at once: until then another worker had better go on. */
export function modelReadiness({ router, defaultAlias }: Pick<Models, 'router' | 'defaultAlias'>): Readiness {
  const loading = router.models().some(({ alias, state }) => alias === defaultAlias && state === 'loading');
  return loading
    ? { name: 'model', ok: false, reason: `The model ${defaultAlias} is being loaded.` }
    : { name: 'model', ok: true };
}
