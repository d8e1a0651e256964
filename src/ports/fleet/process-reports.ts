/**
 * What the processes of one Parley say of themselves.
 *
 * Every method throws {ExpectedFailure} `setup`, retryable, where it is out of reach.
 */
export interface ProcessReports<Report> {
  /** Replaces what a process said, and holds for `ttlMs` from now: to be said again before that has passed. */
  report(process: string, report: Report, ttlMs: number): Promise<void>;
  /** A process has nothing to say any more. */
  withdraw(process: string): Promise<void>;
  /** What holds, by process. */
  all(): Promise<ReadonlyMap<string, Report>>;
}
