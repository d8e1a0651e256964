import type { ProcessReports } from '../ports/fleet/process-reports.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { createRounds } from './rounds.js';

/** A process that died is noticed after this long. */
const TTL_MS = 15_000;
/** A third of that, so that one lost report costs nothing. */
const EVERY_MS = 5_000;

export interface KeepReportedDeps<Report> {
  /** What the report is about, for the log. */
  readonly name: string;
  readonly reports: Pick<ProcessReports<Report>, 'report' | 'withdraw'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Says again and again what `read` gives, from now until it is stopped. */
export function keepReported<Report>(
  process: string,
  read: () => Promise<Report>,
  deps: KeepReportedDeps<Report>,
): { stop(): Promise<void> } {
  const { name, reports, log } = deps;
  const rounds = createRounds({ ...deps, everyMs: EVERY_MS }, async () =>
    reports.report(process, await read(), TTL_MS),
  );
  rounds.start();
  return {
    async stop() {
      await rounds.stop();
      await reports.withdraw(process).catch((err: unknown) => {
        log.warn({ name, err }, 'a report was not withdrawn: it is noticed when its time has run out');
      });
    },
  };
}
