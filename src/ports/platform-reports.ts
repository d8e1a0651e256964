import type { ProcessReports } from './process-reports.js';

/** How a process stands with a chat platform. */
export type PlatformState = 'connecting' | 'connected' | 'standby' | 'failed' | 'stopped';

/** What a gateway says of one of its platforms. Never a secret. */
export interface PlatformReport {
  readonly platform: 'discord' | 'slack';
  readonly state: PlatformState;
  /** One line for an operator: why it failed, or what it lacks. */
  readonly detail: string;
}

/** How the gateways stand with their platforms, by what they say themselves. */
export type PlatformReports = ProcessReports<readonly PlatformReport[]>;
