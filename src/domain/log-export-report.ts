/** How a process fares that posts logs. Times are milliseconds since 1970; nothing counts from before it started. */
export interface LogExportReport {
  /** Of the address that is posted to: the rest of it may be a secret. */
  readonly origin: string;
  readonly lastSuccessAt: number | null;
  readonly lastFailure: { readonly at: number; readonly reason: string } | null;
}

/** `waiting`: nothing was posted yet. `off`: nobody is to post anything. */
export type LogExportState = 'off' | 'ok' | 'failing' | 'waiting';

/** Whether what was tried last went well. */
export function logExportState({ lastFailure, lastSuccessAt }: LogExportReport): LogExportState {
  if (lastFailure !== null && lastFailure.at >= (lastSuccessAt ?? 0)) return 'failing';
  return lastSuccessAt === null ? 'waiting' : 'ok';
}
