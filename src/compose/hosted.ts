import type { HostedEndpoint } from '../../workers/providers/hosted/hosted-endpoint.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { endpointKey, type HostedModelEntry } from '../domain/models/model-entry.js';
import type { SharedPlaces } from '../ports/fleet/shared-places.js';
import type { ModelProvider } from '../ports/models/model-provider.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { Metrics } from '../ports/telemetry/metrics.js';

interface HostedDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
  readonly places: SharedPlaces | null;
}

/**
 * What asks a hosted endpoint.
 *
 * @param entry - one of `entries`, which share the endpoint
 * @param places - what workers take at once together; null: this process counts for itself
 */
export async function hostedProvider(
  entry: HostedModelEntry,
  entries: readonly HostedModelEntry[],
  config: ParleyConfig,
  { places, ...deps }: HostedDeps,
): Promise<ModelProvider> {
  // Loaded when needed: most machines run their own model, and the SDK takes a tenth of a second.
  const { createHostedProvider } = await import('../../workers/providers/hosted/hosted-provider.js');
  const windows = entries.flatMap(({ model, contextSize }) =>
    contextSize === null ? [] : [[model, contextSize]],
  );
  const concurrent = Math.max(...entries.map(({ concurrency }) => concurrency));
  return createHostedProvider({
    endpoint: hostedEndpoint(entry, config),
    ...(places === null
      ? {}
      : { sharedPlace: (signal) => places.enter(endpointKey(entry), concurrent, signal) }),
    limits: {
      concurrent,
      ...Object.fromEntries(entries.flatMap(({ limits }) => Object.entries(limits))),
    },
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
