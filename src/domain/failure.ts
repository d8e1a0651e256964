/** Failures we plan for. Anything else is a bug: let it fail the job. */
export type FailureKind =
  | 'provider-unavailable' // network, 5xx, crashed engine: worth retrying, then falling back
  | 'provider-overloaded' // 429, no free slot in time: fall back, or retry after a while
  | 'provider-rejected' // bad key, unknown model, content policy
  | 'model-missing' // the weights are not on this machine and no source was reachable
  | 'model-unserved' // no worker of the fleet serves the model
  | 'context-overflow' // the prompt does not fit the model's context window
  | 'empty-answer' // nothing, only whitespace, or one token repeated
  | 'delivery-failed' // see DeliveryFailureReason
  | 'bad-input' // what a person sent cannot be used: the message says why
  | 'setup'; // configuration, data folder, database: the message says what to do

/** Why a platform would not take a part. */
export type DeliveryFailureReason =
  | 'gone' // the message or channel was deleted: stop the turn
  | 'forbidden' // permission missing, bot removed: stop the turn, let the channel cool down
  | 'unauthorized' // the token is dead: stop delivering on this platform
  | 'rejected' // the platform refuses this content: trying again will not help
  | 'unavailable'; // network, 5xx, rate limit: worth trying again

export interface FailureOptions {
  readonly retryable?: boolean;
  /** Milliseconds the other side asked us to wait. */
  readonly retryAfterMs?: number;
  readonly reason?: DeliveryFailureReason;
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<FailureKind> = new Set([
  'provider-unavailable',
  'provider-overloaded',
  'empty-answer',
]);

/** A failure of a planned kind. `message` is one sentence fit for an operator's log; it holds no user text and no token. */
export class ExpectedFailure extends Error {
  override readonly name = 'ExpectedFailure';
  readonly kind: FailureKind;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly reason: DeliveryFailureReason | undefined;

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.retryable = options.retryable ?? (RETRYABLE.has(kind) || options.reason === 'unavailable');
    this.retryAfterMs = options.retryAfterMs;
    this.reason = options.reason;
  }
}
