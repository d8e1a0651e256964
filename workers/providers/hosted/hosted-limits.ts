/** What a hosted endpoint is allowed. Times in milliseconds. */
export interface HostedLimits {
  /** Requests running at once. */
  readonly concurrent: number;
  /** Requests waiting for a place; one more is refused. */
  readonly waiting: number;
  /** Longest wait for a place. */
  readonly waitMs: number;
  /** Until the connection stands, TLS included. Kept by the HTTP client itself, so not on `clock`. */
  readonly connectMs: number;
  /** From sending the request to the first token. Headers have no limit of their own: some servers send them with it. */
  readonly firstTokenMs: number;
  /** Between two tokens; comments that keep a connection open do not count. */
  readonly betweenTokensMs: number;
  /** After the reason to finish, until usage and the end of the stream have come. Then the reply counts as whole. */
  readonly trailerMs: number;
  /** From taking up the request to the end of the reply, retries included. */
  readonly totalMs: number;
  /** Further tries after the first, all before any text came. */
  readonly retries: number;
  /** No retry starts later than this after taking up the request: a slow failure is for the fallback. */
  readonly retryWithinMs: number;
  /** First pause between tries; it doubles each time, up to `backoffCapMs`, and half of it is random. */
  readonly backoffMs: number;
  readonly backoffCapMs: number;
  /** Longest `Retry-After` that is believed. */
  readonly retryAfterCapMs: number;
  /** Longest event of the stream. */
  readonly eventBytes: number;
  /** Longest body of an answer that is no stream. */
  readonly bodyBytes: number;
  /** Longest reply, in UTF-16 code units; it ends there with `length`. */
  readonly replyLength: number;
  /** Failures in a row after which the endpoint is left alone for `breakerRestMs`. */
  readonly breakerFailures: number;
  readonly breakerRestMs: number;
}

/**
 * Chosen for people waiting in a chat. A minute to the first token leaves room for a cold start of a
 * serverless model; five in all is what platforms still show as one reply.
 */
export const DEFAULT_HOSTED_LIMITS: HostedLimits = {
  concurrent: 8,
  waiting: 200,
  waitMs: 60_000,
  connectMs: 10_000,
  firstTokenMs: 60_000,
  betweenTokensMs: 30_000,
  trailerMs: 2_000,
  totalMs: 300_000,
  retries: 2,
  retryWithinMs: 15_000,
  backoffMs: 500,
  backoffCapMs: 8_000,
  retryAfterCapMs: 300_000,
  eventBytes: 1_048_576,
  bodyBytes: 1_048_576,
  replyLength: 200_000,
  breakerFailures: 5,
  breakerRestMs: 30_000,
};
