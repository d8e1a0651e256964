import type { Clock } from '../ports/clock.js';
import type { PlatformReport, PlatformReports } from '../ports/platform-reports.js';

/** Where one process is gateway and web at once. */
export function localPlatformReports(clock: Pick<Clock, 'now'>): PlatformReports {
  const said = new Map<string, { readonly until: number; readonly platforms: readonly PlatformReport[] }>();
  return {
    async report(process, platforms, ttlMs) {
      said.set(process, { until: clock.now() + ttlMs, platforms });
    },
    async withdraw(process) {
      said.delete(process);
    },
    async all() {
      for (const [process, { until }] of said) if (until <= clock.now()) said.delete(process);
      return new Map([...said].map(([process, { platforms }]) => [process, platforms]));
    },
    async stop() {},
  };
}
