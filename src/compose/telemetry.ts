import type { ParleyConfig } from '../config/parley-config.js';
import type { Clock } from '../ports/process/clock.js';
import { NO_TRACING, type Tracing } from '../ports/telemetry/tracing.js';
import type { StopStack } from '../process/stop-stack.js';
import { PrometheusMetrics } from '../telemetry/prometheus-metrics.js';

/** What this process counts, until it stops. */
export function composeMetrics(clock: Clock, stops: StopStack): PrometheusMetrics {
  const metrics = new PrometheusMetrics(clock);
  stops.add(async () => metrics.stop());
  return metrics;
}

/** Traces to the configured collector. Without one its library, a fifth of a second, is not even loaded. */
export async function composeTracing(
  { traces }: Pick<ParleyConfig, 'traces'>,
  stops: StopStack,
): Promise<Tracing> {
  if (traces === null) return NO_TRACING;
  const { otlpTracing } = await import('../telemetry/otlp-tracing.js');
  const tracing = otlpTracing(traces);
  stops.add(() => tracing.stop());
  return tracing;
}
