/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws `signal.reason` when `signal` aborts first */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
