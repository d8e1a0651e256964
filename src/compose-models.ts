import path from 'node:path';
import type { HostedEndpoint } from '../workers/providers/hosted/hosted-endpoint.js';
import { createHostedProvider } from '../workers/providers/hosted/hosted-provider.js';
import { LlamaCppProvider, type LocalModelFile } from '../workers/providers/llama-cpp/llama-cpp-provider.js';
import { compiledEntry } from './compiled-entry.js';
import type { ParleyConfig } from './config/parley-config.js';
import type { HostedModelEntry, ModelEntry } from './domain/model-entry.js';
import { mergeSampling } from './domain/sampling.js';
import { UNASKED_DOWNLOAD_BYTES } from './models/catalog/choose-largest.js';
import type { ModelCatalog } from './models/catalog/model-catalog.js';
import { createModelRouter, type RouterEntry } from './models/router/model-router.js';
import type { Clock } from './ports/clock.js';
import type { Log } from './ports/log.js';
import type { ModelProvider } from './ports/model-provider.js';
import type { ModelRouter, ModelSummary } from './ports/model-router.js';

/** States of conversations that lost their slot, kept on disk. */
const STATE_CACHE_BYTES = 2e9;

export interface Models {
  readonly router: ModelRouter;
  /** The alias that answers by default; never `auto`. */
  readonly defaultAlias: string;
  /** Loads the default model, where it is local and on this machine. */
  warmUp(signal: AbortSignal): Promise<void>;
  /** The default model's process and what it did so far; null where it does not run here. */
  engineStats(): ReturnType<LlamaCppProvider['stats']>;
  /** Drops what the engines keep of a conversation, in memory and on disk. */
  forget(conversation: number): void;
  stop(): Promise<void>;
}

/** The router over every entry of the catalog, and the providers that run them. */
export async function composeModels(
  config: ParleyConfig,
  catalog: ModelCatalog,
  deps: { readonly clock: Clock; readonly log: Log },
): Promise<Models> {
  const chosen = await catalog.entry(config.defaultModel);
  const items = await catalog.list();
  const entries = await Promise.all(items.map(({ alias }) => catalog.entry(alias)));
  const engine = new LlamaCppProvider({
    findModel: (alias, signal) => findModel(alias, config, catalog, signal),
    engineEntry: compiledEntry('workers/engine/main'),
    stateCache: { folder: path.join(config.dataDir, 'engine-states'), maxBytes: STATE_CACHE_BYTES },
    ...deps,
  });
  const hosted = entries.filter((entry) => entry.runs === 'hosted');
  const providers = new Map<string, ModelProvider>([['local', engine]]);
  for (const entry of hosted) {
    const key = endpointKey(entry);
    const sharing = hosted.filter((other) => endpointKey(other) === key);
    if (!providers.has(key)) providers.set(key, hostedProvider(entry, sharing, config, deps));
  }
  const routed = entries.map((entry) => routerEntry(entry, config));
  const absent = new Set(items.flatMap(({ alias, state }) => (state === 'not-downloaded' ? [alias] : [])));
  return {
    router: createModelRouter({
      entries: [...routed, ...autoEntry(routed, chosen)],
      defaultAlias: chosen.alias,
      providers,
      state: (alias) => localState(alias, engine, absent),
      ...deps,
    }),
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
    stop: async () => {
      await Promise.all([...providers.values()].map((provider) => provider.stop()));
    },
  };
}

/**
 * The file of a local model. A model nobody named in the configuration is downloaded only while it is small: choosing
 * one in a channel is not leave to fill the operator's disk.
 */
async function findModel(
  alias: string,
  config: ParleyConfig,
  catalog: ModelCatalog,
  signal: AbortSignal,
): Promise<LocalModelFile> {
  const item = (await catalog.list()).find((listed) => listed.alias === alias);
  const named = alias === config.defaultModel;
  const little = (item?.bytes ?? Number.POSITIVE_INFINITY) <= UNASKED_DOWNLOAD_BYTES;
  const allowDownload = config.downloads.allowed && (named || little);
  const { path: file, entry } = await catalog.resolve(alias, { allowDownload, signal });
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
  return {
    alias: entry.alias,
    description: entry.description,
    runs: entry.runs,
    provider: entry.runs === 'local' ? 'local' : endpointKey(entry),
    model: entry.runs === 'local' ? entry.alias : entry.model,
    sampling: mergeSampling(entry.sampling, config.sampling),
    fallbacks: entry.fallback,
    ...known,
  };
}

/** `auto` can be chosen by name and is what it stands for. */
function autoEntry(entries: readonly RouterEntry[], chosen: ModelEntry): RouterEntry[] {
  const model = entries.find(({ alias }) => alias === chosen.alias);
  return model
    ? [{ ...model, alias: 'auto', description: `the model for this machine: ${chosen.alias}` }]
    : [];
}

function localState(
  alias: string,
  engine: LlamaCppProvider,
  absent: ReadonlySet<string>,
): ModelSummary['state'] {
  const state = engine.state(alias);
  if (state === 'loading') return 'loading';
  return state === 'idle' && absent.has(alias) ? 'not-downloaded' : 'ready';
}

/** Entries of one API at one address with one key share limits and breaker. */
function endpointKey(entry: HostedModelEntry): string {
  return JSON.stringify([entry.api, entry.baseUrl, entry.apiKey, entry.provider]);
}

function hostedProvider(
  entry: HostedModelEntry,
  entries: readonly HostedModelEntry[],
  config: ParleyConfig,
  deps: { readonly clock: Clock; readonly log: Log },
): ModelProvider {
  const windows = entries.flatMap(({ model, contextSize }) =>
    contextSize === null ? [] : [[model, contextSize]],
  );
  return createHostedProvider({
    endpoint: hostedEndpoint(entry, config),
    limits: { concurrent: Math.max(...entries.map(({ concurrency }) => concurrency)) },
    contextWindows: Object.fromEntries(windows),
    ...deps,
  });
}

/** The general key goes to the general address alone: an entry with an address of its own brings its own key. */
function hostedEndpoint(entry: HostedModelEntry, config: ParleyConfig): HostedEndpoint {
  const { huggingFace, openai } = config;
  const general =
    entry.api === 'openai' ? openai : { apiKey: huggingFace.token, baseUrl: huggingFace.baseUrl };
  const key = entry.apiKey ?? (entry.baseUrl === null ? general.apiKey : null);
  const baseUrl = entry.baseUrl ?? general.baseUrl;
  if (entry.api === 'openai') {
    const apiKey = key === null ? {} : { apiKey: key };
    return { kind: 'openai-compatible', baseUrl: baseUrl ?? 'https://api.openai.com/v1', ...apiKey };
  }
  return {
    kind: 'huggingface',
    token: key ?? '',
    ...(baseUrl === null ? {} : { baseUrl }),
    ...(entry.provider === null ? {} : { provider: entry.provider }),
  };
}
