import { isFleet, processName } from './compose-fleet.js';
import type { Foundation } from './compose-foundation.js';
import type { ConnectedPlatform } from './compose-platforms.js';
import { createRounds } from './pipeline/sweep.js';
import type { PlatformReports } from './ports/platform-reports.js';
import { localPlatformReports } from './queue/local-platform-reports.js';
import { redisPlatformReports } from './queue/redis-platform-reports.js';

/** A gateway that died is noticed after this long. */
const TTL_MS = 15_000;
/** A third of that, so that one lost report costs nothing. */
const EVERY_MS = 5_000;

/** How all gateways stand: on Redis in a fleet, else this process's own. */
export function composeReports({ config, clock, log, stops }: Foundation): PlatformReports {
  const reports = isFleet(config)
    ? redisPlatformReports(config.redisUrl ?? '', log)
    : localPlatformReports(clock);
  stops.add(() => reports.stop());
  return reports;
}

/** Says again and again how this process stands with its platforms, until it stops. */
export function reportPlatforms(
  connected: readonly ConnectedPlatform[],
  reports: Pick<PlatformReports, 'report' | 'withdraw'>,
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
