import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { BreakerState, Metrics } from '../../../src/ports/telemetry/metrics.js';
import type { HostedLimits } from './hosted-limits.js';

/** Leaves an endpoint alone for a while after failures in a row, then lets one request try. */
export interface EndpointBreaker {
  /** @throws {ExpectedFailure} `provider-unavailable` while the endpoint is left alone, else what `open` throws */
  run<T>(open: () => Promise<T>): Promise<T>;
}

const STATES: Readonly<Partial<Record<CircuitState, BreakerState>>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
};

/** Only the endpoint's own failures count: a request it refused for good reason is a sign of life. */
export function createEndpointBreaker(
  name: string,
  limits: HostedLimits,
  log: Log,
  metrics: Pick<Metrics, 'breaker'>,
): EndpointBreaker {
  const isTheirFault = (error: Error) =>
    error instanceof ExpectedFailure &&
    (error.kind === 'provider-unavailable' || error.kind === 'provider-overloaded');
  const policy = circuitBreaker(handleWhen(isTheirFault), {
    breaker: new ConsecutiveBreaker(limits.breakerFailures),
    halfOpenAfter: limits.breakerRestMs,
  });
  metrics.breaker(name, 'closed');
  policy.onStateChange((state) => metrics.breaker(name, STATES[state] ?? 'open'));
  policy.onBreak(() => log.warn({ endpoint: name, restMs: limits.breakerRestMs }, 'endpoint left alone'));
  policy.onReset(() => log.info({ endpoint: name }, 'endpoint in use again'));
  const atRest = () =>
    new ExpectedFailure(
      'provider-unavailable',
      `${name} is left alone for a while after failing repeatedly`,
      {
        retryAfterMs: limits.breakerRestMs,
      },
    );

  return {
    async run(open) {
      // The policy would let others wait for the one that tries; a fallback serves them better.
      if (policy.state === CircuitState.HalfOpen) throw atRest();
      try {
        return await policy.execute(open);
      } catch (error) {
        throw error instanceof BrokenCircuitError ? atRest() : error;
      }
    },
  };
}
