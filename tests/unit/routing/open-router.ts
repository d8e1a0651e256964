import { ExpectedFailure, type FailureKind } from '../../../src/domain/failure.js';
import type { ModelProvider } from '../../../src/ports/models/model-provider.js';
import type { RoutedPart, RoutedRequest } from '../../../src/ports/models/model-router.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import { createModelRouter, type RouterEntry } from '../../../src/routing/model-router.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

export const never = new AbortController().signal;
export function entry(alias: string, over: Partial<RouterEntry> = {}): RouterEntry {
  return { alias, description: alias, runs: 'hosted', provider: alias, model: `org/${alias}`, ...over };
}

/** A router over providers by alias; without entries each falls back to the next. */
export function router(
  providers: Record<string, ModelProvider>,
  entries?: readonly RouterEntry[],
  log = new RecordedLog(),
  serves?: ReadonlySet<string>,
  metrics: Metrics = NO_METRICS,
) {
  const aliases = Object.keys(providers);
  return createModelRouter({
    entries:
      entries ?? aliases.map((alias, at) => entry(alias, { fallbacks: aliases.slice(at + 1, at + 2) })),
    defaultAlias: entries?.[0]?.alias ?? aliases[0] ?? '',
    ...(serves === undefined ? {} : { serves }),
    providers: new Map(Object.entries(providers)),
    log,
    metrics,
    clock: new FakeClock(),
    random: () => 0.5,
  });
}

export function request(over: Partial<RoutedRequest> = {}): RoutedRequest {
  return {
    alias: 'large',
    overrides: {},
    cacheKey: 'c1',
    prompt: async () => [{ role: 'user', content: 'Hi' }],
    ...over,
  };
}

export async function collect(stream: AsyncIterable<RoutedPart>): Promise<RoutedPart[]> {
  const parts: RoutedPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** What was shown before the end, and the error that ended it. */
export async function collectUntilError(stream: AsyncIterable<RoutedPart>) {
  const parts: RoutedPart[] = [];
  try {
    for await (const part of stream) parts.push(part);
  } catch (error) {
    return { parts, error };
  }
  return { parts, error: null };
}

export const textOf = (parts: readonly RoutedPart[]) =>
  parts.map((part) => (part.type === 'delta' ? part.text : '')).join('');
export const failure = (kind: FailureKind, message = 'down') => new ExpectedFailure(kind, message);
