/**
 * Which models the workers of a fleet serve, by what they say themselves.
 *
 * Every method throws {ExpectedFailure} `setup`, retryable, where it is out of reach.
 */
export interface WorkerRegistry {
  /** A worker serves these models, and no others, for `ttlMs` from now: to be said again before that has passed. */
  announce(worker: string, aliases: readonly string[], ttlMs: number): Promise<void>;
  /** A worker serves nothing any more. */
  withdraw(worker: string): Promise<void>;
  /**
   * Milliseconds since each model was last served; 0 while a worker serves it. Models that nobody served for an hour
   * may be missing.
   */
  unservedMs(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}
