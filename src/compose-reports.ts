import { isFleet, processName } from './compose-fleet.js';
import type { Foundation } from './compose-foundation.js';
import type { ConnectedPlatform } from './compose-platforms.js';
import { createRounds } from './pipeline/sweep.js';
import type { Reports } from './ports/reports.js';
import { localReports } from './queue/local-reports.js';
import { redisReports } from './queue/redis-reports.js';

/** A process that died is noticed after this long. */
const TTL_MS = 15_000;
/** A third of that, so that one lost report costs nothing. */
const EVERY_MS = 5_000;

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
  const process = processName();
  const rounds = createRounds({ clock, log, name: 'platform reports', everyMs: EVERY_MS }, () =>
    reports.report(
      process,
      connected.map(({ platform, connection, state }) => ({
        platform,
        state: connection(),
        detail: state(),
      })),
      TTL_MS,
    ),
  );
  rounds.start();
  stops.add(async () => {
    await rounds.stop();
    await reports.withdraw(process).catch((err: unknown) => {
      log.warn({ err }, 'platforms not withdrawn: it is noticed when their time has run out');
    });
  });
}
