import type { ParleyConfig } from '../config/parley-config.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { ConsoleOutput } from './console-output.js';
import type { ProgressReporter } from './progress-reporter.js';

/** What the long-running commands are given. */
export interface RunOptions {
  readonly config: ParleyConfig;
  readonly log: Log;
  readonly output: ConsoleOutput;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Shows downloads. */
  readonly progress: ProgressReporter;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}
