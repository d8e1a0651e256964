import type { Clock } from '../../ports/process/clock.js';
import type { FreeBytes } from './disk-space.js';
import type { OnProgress } from './download-progress.js';

export interface DownloadLimits {
  readonly connectMs: number;
  /** Longest silence before and between bytes. */
  readonly stallMs: number;
  /** Faults in a row, without a byte between them, after which the source is given up. */
  readonly attempts: number;
  /** First pause after a fault; each further one is twice as long. */
  readonly backoffMs: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = {
  connectMs: 5_000,
  stallMs: 30_000,
  attempts: 4,
  backoffMs: 1_000,
};

export interface DownloadTools {
  readonly clock: Clock;
  readonly freeBytes: FreeBytes;
  readonly limits: DownloadLimits;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}
