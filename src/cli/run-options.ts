import type { ParleyConfig } from '../config/parley-config.js';
import type { Log } from '../ports/log.js';
import type { ConsoleOutput } from './console-output.js';

export const ROLES = ['gateway', 'worker', 'web'] as const;

/** A part of Parley that may run in a process of its own. */
export type Role = (typeof ROLES)[number];

/** What the long-running commands are given. */
export interface RunOptions {
  readonly config: ParleyConfig;
  readonly log: Log;
  readonly output: ConsoleOutput;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

export interface StartOptions extends RunOptions {
  readonly roles: readonly Role[];
}

export interface ChatOptions extends RunOptions {
  /** Alias to begin with; null: the default. */
  readonly model: string | null;
}
