import { onTestFinished } from 'vitest';
import { DEFAULT_SAMPLING, type SamplingOverrides } from '../../../../../src/domain/sampling.js';
import type {
  GenerationRequest,
  ModelProvider,
  StreamPart,
} from '../../../../../src/ports/models/model-provider.js';
import type { Clock } from '../../../../../src/ports/process/clock.js';
import { type Metrics, NO_METRICS } from '../../../../../src/ports/telemetry/metrics.js';
import type { HostedLimits } from '../../../../../workers/providers/hosted/hosted-limits.js';
import { createHostedProvider } from '../../../../../workers/providers/hosted/hosted-provider.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../../../../doubles/model-server/model-server.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { RecordedMetrics } from '../../../../doubles/recorders/recorded-metrics.js';

export const SECRET = 'sk-very-secret-1234567890';

export interface OpenHosted {
  readonly server: ModelServer;
  readonly provider: ModelProvider;
  readonly log: RecordedLog;
  readonly clock: FakeClock;
  readonly metrics: RecordedMetrics;
}

/** A server double and a provider of it; both end with the test. */
export async function openHosted(
  limits: Partial<HostedLimits> = {},
  options: ModelServerOptions = {},
): Promise<OpenHosted> {
  const server = await startModelServer(options);
  const clock = new FakeClock();
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  const provider = openProvider(server.url, clock, log, limits, metrics);
  onTestFinished(async () => {
    await provider.stop();
    await server.close();
  });
  return { server, provider, log, clock, metrics };
}

export function openProvider(
  baseUrl: string,
  clock: Clock,
  log: RecordedLog,
  limits: Partial<HostedLimits> = {},
  metrics: Metrics = NO_METRICS,
): ModelProvider {
  return createHostedProvider({
    endpoint: { kind: 'openai-compatible', baseUrl, apiKey: SECRET },
    limits: { retries: 0, ...limits },
    clock,
    log,
    metrics,
    random: () => 0.5,
  });
}

const never = new AbortController().signal;

export function request(sampling: SamplingOverrides = {}, content = 'Hi'): GenerationRequest {
  return {
    model: 'fox',
    prompt: [{ role: 'user', content }],
    sampling: Object.assign({}, DEFAULT_SAMPLING, sampling),
    cacheKey: 'c1',
  };
}

export interface Outcome {
  readonly parts: readonly StreamPart[];
  readonly text: string;
  readonly finish: Extract<StreamPart, { type: 'finish' }> | undefined;
  readonly error: unknown;
}

/** Reads to the end or to the error. */
export async function read(
  provider: ModelProvider,
  asked: GenerationRequest = request(),
  signal: AbortSignal = never,
): Promise<Outcome> {
  const parts: StreamPart[] = [];
  let error: unknown = null;
  try {
    for await (const part of provider.stream(asked, signal)) parts.push(part);
  } catch (thrown) {
    error = thrown;
  }
  return {
    parts,
    error,
    text: parts.map((part) => (part.type === 'delta' ? part.text : '')).join(''),
    finish: parts.find((part) => part.type === 'finish'),
  };
}
