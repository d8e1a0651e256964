import type { ProcessReports } from './process-reports.js';

/** How a process stands with a chat platform. */
export const PLATFORM_STATES = [
  'connecting',
  'connected',
  /** Was connected, and takes the same connection up again: nothing said meanwhile is lost. */
  'resuming',
  'standby',
  'failed',
  'stopped',
] as const;
export type PlatformState = (typeof PLATFORM_STATES)[number];

/** How far a bot reaches on a platform, and what it lacks there. */
export interface PlatformStanding {
  /** Guilds or workspaces the bot is in; null where that is not known. */
  readonly reach: number | null;
  /** Rights that it lacks, a sentence each, with what to do. */
  readonly missing: readonly string[];
}

/** What a gateway says of one of its platforms. Never a secret. */
export interface PlatformReport extends PlatformStanding {
  readonly platform: 'discord' | 'slack';
  readonly state: PlatformState;
  /** One line for an operator: why it failed, or what it lacks. */
  readonly detail: string;
}

/** How the gateways stand with their platforms, by what they say themselves. */
export type PlatformReports = ProcessReports<readonly PlatformReport[]>;
