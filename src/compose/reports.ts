import { localReports } from '../exchange/local-reports.js';
import { redisReports } from '../exchange/redis-reports.js';
import { keepReported } from '../fleet/keep-reported.js';
import type { Reports } from '../ports/fleet/reports.js';
import { isFleet, processName } from './fleet.js';
import type { Foundation } from './foundation.js';
import type { ConnectedPlatform } from './platforms.js';

/** What all processes say of themselves: on Redis in a fleet, else this process's own. */
export function composeReports({ config, clock, log, stops }: Foundation): Reports {
  const reports = isFleet(config) ? redisReports(config.redisUrl ?? '', log) : localReports(clock);
  stops.add(() => reports.stop());
  return reports;
}

/** Says again and again how this process stands with its platforms, until it stops. */
export function reportPlatforms(
  connected: readonly ConnectedPlatform[],
  { platforms: reports }: Pick<Reports, 'platforms'>,
  { clock, log, stops }: Pick<Foundation, 'clock' | 'log' | 'stops'>,
): void {
  if (connected.length === 0) return;
  const reading = () =>
    Promise.all(
      connected.map(async ({ platform, connection, state, standing }) => ({
        platform,
        state: connection(),
        detail: state(),
        ...(await standing()),
      })),
    );
  const kept = keepReported(processName(), reading, { name: 'platform reports', reports, clock, log });
  stops.add(() => kept.stop());
}
