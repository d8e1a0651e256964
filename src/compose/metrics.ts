import type { Clock } from '../ports/process/clock.js';
import type { StopStack } from '../process/stop-stack.js';
import { PrometheusMetrics } from '../telemetry/prometheus-metrics.js';

/** What this process counts, until it stops. */
export function composeMetrics(clock: Clock, stops: StopStack): PrometheusMetrics {
  const metrics = new PrometheusMetrics(clock);
  stops.add(async () => metrics.stop());
  return metrics;
}
