import path from 'node:path';
import { LlamaCppProvider } from '../../workers/providers/llama-cpp/llama-cpp-provider.js';
import type { LocalModelFile } from '../../workers/providers/llama-cpp/load-options.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import { endpointKey, type ModelEntry } from '../domain/models/model-entry.js';
import { mergeSampling } from '../domain/sampling.js';
import { redisSharedPlaces } from '../exchange/redis-shared-places.js';
import { UNASKED_DOWNLOAD_BYTES } from '../models/catalog/choose-largest.js';
import { type KnownFile, KnownFiles } from '../models/catalog/known-files.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import type { ServedHere } from '../models/catalog/served-here.js';
import { type FileWatchers, getModelFile } from '../models/upkeep/get-model-file.js';
import { ModelActivity } from '../models/upkeep/model-activity.js';
import { ModelUpkeep } from '../models/upkeep/model-upkeep.js';
import type { ModelProvider } from '../ports/models/model-provider.js';
import type { ModelRouter, ModelSummary } from '../ports/models/model-router.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { Metrics } from '../ports/telemetry/metrics.js';
import { compiledEntry } from '../process/compiled-entry.js';
import type { StopStack } from '../process/stop-stack.js';
import { createModelRouter, type RouterEntry } from '../routing/model-router.js';
import { hostedProvider } from './hosted.js';

/** Most that states of conversations which lost their slot take on disk: some hundreds of long ones, of a small model. */
const STATE_CACHE_BYTES = 2e9;

export interface Models {
  readonly router: ModelRouter;
  /** The alias that answers by default; never `auto`. */
  readonly defaultAlias: string;
  /** Loads the default model, where it is local and on this machine. */
  warmUp(signal: AbortSignal): Promise<void>;
  /** The default model's process and what it did so far; null where it does not run here. */
  engineStats(): ReturnType<LlamaCppProvider['stats']>;
  /** The same of every model whose process runs here. */
  engines(): ReturnType<LlamaCppProvider['running']>;
  /** Drops what the engines keep of a conversation, in memory and on disk. */
  forget(conversation: number): void;
  /** How the models are, and what an administrator may have done with them. */
  readonly upkeep: ModelUpkeep;
  stop(): Promise<void>;
}

interface ModelDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
}

/**
 * The router over every entry of the catalog, and the providers that run them.
 *
 * @param serving - in a fleet, the models that this worker serves, told of files that come and go. Default: all.
 */
export async function composeModels(
  config: ParleyConfig,
  catalog: ModelCatalog,
  deps: ModelDeps,
  serving: ServedHere | null = null,
): Promise<Models> {
  const chosen = await catalog.entry(serving?.first ?? config.defaultModel);
  const items = await catalog.list();
  const entries = await Promise.all(items.map(({ alias }) => catalog.entry(alias)));
  const files = new KnownFiles(items, (alias, change) => void serving?.review(alias, change));
  const { unloadAfterMs } = config.engine;
  const activity = new ModelActivity();
  const engine = new LlamaCppProvider({
    findModel: (alias, signal) => findModel(alias, config, { catalog, files, activity }, signal),
    onLoaded: (alias, problem) => activity.loaded(alias, problem),
    ...(unloadAfterMs === null ? {} : { unload: { afterMs: unloadAfterMs, except: chosen.alias } }),
    engineEntry: compiledEntry('workers/engine/main'),
    stateCache: { folder: path.join(config.dataDir, 'engine-states'), maxBytes: STATE_CACHE_BYTES },
    ...deps,
  });
  const hosted = entries
    .filter((entry) => entry.runs === 'hosted')
    .filter(({ alias }) => serving?.has(alias) ?? true);
  const providers = new Map<string, ModelProvider>([['local', engine]]);
  // What an account takes at once, a fleet's workers take together.
  const places =
    serving === null || hosted.length === 0 || config.redisUrl === null
      ? null
      : redisSharedPlaces(config.redisUrl, deps.clock, deps.log);
  for (const entry of hosted) {
    const key = endpointKey(entry);
    const sharing = hosted.filter((other) => endpointKey(other) === key);
    if (!providers.has(key))
      providers.set(key, await hostedProvider(entry, sharing, config, { ...deps, places }));
  }
  const upkeep = new ModelUpkeep({
    ...{ catalog, engine, activity, files, ...deps },
    serves: serving,
    downloadsAllowed: config.downloads.allowed,
  });
  const routed = entries.map((entry) => routerEntry(entry, config));
  let first = chosen;
  const named = (alias: string) => (alias === 'auto' ? first.alias : alias);
  const local = new Set(entries.filter(({ runs }) => runs === 'local').map(({ alias }) => alias));
  const routing = () =>
    createModelRouter({
      entries: [...routed, ...autoEntry(routed, first)],
      defaultAlias: first.alias,
      ...(serving === null ? {} : { serves: serving }),
      providers,
      state: (alias) => localState(named(alias), engine, files),
      file: (alias) => (local.has(named(alias)) ? fileState(named(alias), engine, files) : {}),
      ...deps,
    });
  let router = routing();
  serving?.onChanged(() => {
    const now = entries.find(({ alias }) => alias === serving.first) ?? first;
    if (now === first) return;
    first = now;
    router = routing();
  });
  return {
    router: {
      models: () => router.models(),
      has: (alias) => router.has(alias),
      stream: (request, signal) => router.stream(request, signal),
    },
    defaultAlias: chosen.alias,
    warmUp: async (signal) => {
      if (chosen.runs === 'local') await engine.load(chosen.alias, signal);
    },
    forget: (conversation) => {
      engine.forget(String(conversation)).catch((err: unknown) => {
        deps.log.error({ conversation, err }, 'a forgotten conversation’s engine state could not be deleted');
      });
    },
    engineStats: () => engine.stats(chosen.alias),
    engines: () => engine.running(),
    upkeep,
    stop: async () => {
      await upkeep.stop();
      await Promise.all([...providers.values()].map((provider) => provider.stop()));
      await places?.stop();
    },
  };
}

/**
 * The file of a local model. Any but the default one, and those a worker is to serve by name, is downloaded only where
 * it is known to be small: choosing a model in a channel, or falling back on it, is not leave to fill the operator's
 * disk. `parley models pull` gets it.
 */
async function findModel(
  alias: string,
  config: ParleyConfig,
  watched: FileWatchers & { readonly catalog: ModelCatalog },
  signal: AbortSignal,
): Promise<LocalModelFile> {
  const item = (await watched.catalog.list()).find((listed) => listed.alias === alias);
  const named = alias === config.defaultModel || config.worker.models?.includes(alias) === true;
  const little = (item?.bytes ?? Number.POSITIVE_INFINITY) <= UNASKED_DOWNLOAD_BYTES;
  const allowDownload = config.downloads.allowed && (named || little);
  const { path: file, entry } = await getModelFile(alias, { allowDownload, signal }, watched);
  return {
    path: file,
    gpu: entry.gpu,
    lora: entry.lora,
    ...(entry.contextSize === null ? {} : { contextSize: entry.contextSize }),
    ...(entry.slots === null ? {} : { slots: entry.slots }),
    ...(entry.threads === null ? {} : { threads: entry.threads }),
  };
}

function routerEntry(entry: ModelEntry, config: ParleyConfig): RouterEntry {
  const known =
    entry.runs === 'hosted' && entry.contextSize !== null ? { contextWindow: entry.contextSize } : {};
  const { beginsInReasoning } = entry;
  return {
    alias: entry.alias,
    description: entry.description,
    runs: entry.runs,
    provider: entry.runs === 'local' ? 'local' : endpointKey(entry),
    model: entry.runs === 'local' ? entry.alias : entry.model,
    sampling: mergeSampling(entry.sampling, config.sampling),
    fallbacks: entry.fallback,
    ...known,
    ...(beginsInReasoning === null ? {} : { beginsInReasoning }),
    ...(entry.license === undefined ? {} : { license: entry.license }),
  };
}

/** `auto` can be chosen by name and is what it stands for. */
function autoEntry(entries: readonly RouterEntry[], chosen: ModelEntry): RouterEntry[] {
  const model = entries.find(({ alias }) => alias === chosen.alias);
  return model
    ? [{ ...model, alias: 'auto', description: `the model for this machine: ${chosen.alias}` }]
    : [];
}

/** The engine tells how far a load is, where none gets the file. */
function fileState(
  alias: string,
  engine: LlamaCppProvider,
  files: KnownFiles,
): KnownFile & { readonly loaded: boolean } {
  const progress = engine.loadProgress(alias);
  const loaded = engine.state(alias) === 'ready';
  return { loaded, ...(progress !== null && { progress }), ...files.of(alias) };
}

function localState(alias: string, engine: LlamaCppProvider, files: KnownFiles): ModelSummary['state'] {
  const state = engine.state(alias);
  if (state === 'loading') return 'loading';
  return state === 'idle' && files.isAbsent(alias) ? 'not-downloaded' : 'ready';
}

/** Loads the model while the rest starts. A model that cannot be loaded is told in the first reply as well. */
export function warmUp(models: Models, log: Log, stops: StopStack): void {
  const warming = new AbortController();
  stops.add(async () => warming.abort());
  const { signal } = warming;
  models.warmUp(signal).catch((error: unknown) => {
    if (signal.aborted) return;
    const model = models.defaultAlias;
    if (!(error instanceof ExpectedFailure))
      log.error({ model, err: error }, 'the default model is not ready');
    else log.warn({ model, kind: error.kind }, error.message);
  });
}
