import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';

type Name = keyof Metrics;

/** Keeps what was counted. */
export class RecordedMetrics implements Metrics {
  readonly calls: { readonly name: Name; readonly args: readonly unknown[] }[] = [];
  declare turnEnded: Metrics['turnEnded'];
  declare generated: Metrics['generated'];
  declare firstVisibleText: Metrics['firstVisibleText'];
  declare sent: Metrics['sent'];
  declare editsSaved: Metrics['editsSaved'];
  declare rateLimited: Metrics['rateLimited'];
  declare undecidedSend: Metrics['undecidedSend'];
  declare providerFailed: Metrics['providerFailed'];
  declare breaker: Metrics['breaker'];
  declare engineStarted: Metrics['engineStarted'];
  declare engineCrashed: Metrics['engineCrashed'];

  constructor() {
    for (const name of Object.keys(NO_METRICS) as Name[]) {
      Object.assign(this, { [name]: (...args: unknown[]) => void this.calls.push({ name, args }) });
    }
  }

  /** The arguments of each call of one kind. */
  of(name: Name): readonly (readonly unknown[])[] {
    return this.calls.filter((call) => call.name === name).map(({ args }) => args);
  }
}
