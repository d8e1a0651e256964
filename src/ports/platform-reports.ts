/** How a process stands with a chat platform. */
export type PlatformState = 'connecting' | 'connected' | 'standby' | 'failed' | 'stopped';

/** What a gateway says of one of its platforms. Never a secret. */
export interface PlatformReport {
  readonly platform: 'discord' | 'slack';
  readonly state: PlatformState;
  /** One line for an operator: why it failed, or what it lacks. */
  readonly detail: string;
}

/**
 * How the gateways stand with their platforms, by what they say themselves.
 *
 * Every method throws {ExpectedFailure} `setup`, retryable, where it is out of reach.
 */
export interface PlatformReports {
  /** A process's platforms, and no others, hold for `ttlMs` from now: to be said again before that has passed. */
  report(process: string, platforms: readonly PlatformReport[], ttlMs: number): Promise<void>;
  /** A process has no platforms any more. */
  withdraw(process: string): Promise<void>;
  /** What holds, by process. */
  all(): Promise<ReadonlyMap<string, readonly PlatformReport[]>>;
  stop(): Promise<void>;
}
