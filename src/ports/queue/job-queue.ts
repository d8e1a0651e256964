/** A running consumer of one queue. */
export interface JobWorker {
  /**
   * Takes no new job, and ends running ones: their signal aborts after `graceMs`. May be called again: the grace that is
   * over first counts.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Jobs of one kind. At least once: a handler may see the same payload again.
 *
 * A job waiting with the same deduplication id absorbs a new one; a running one is followed by one more.
 */
export interface JobQueue<Payload> {
  /** @throws {ExpectedFailure} `setup`, retryable, where the queue cannot be reached: the caller must not acknowledge */
  add(payload: Payload): Promise<void>;
  /**
   * Runs `handler` for each job. A thrown retryable ExpectedFailure, or any unknown error, is tried again with
   * backoff; a non-retryable one is not.
   */
  work(
    handler: (payload: Payload, signal: AbortSignal) => Promise<void>,
    options: { readonly concurrency: number },
  ): JobWorker;
  /** Jobs waiting, delayed and running. */
  depth(): Promise<number>;
  stop(): Promise<void>;
}
