import type { ModelAction } from '../domain/model-report.js';

/** What an administrator wants one worker to do with one model. */
export interface ModelOrder {
  readonly worker: string;
  readonly alias: string;
  readonly action: ModelAction;
}

/** An order that its worker has not taken. */
export interface UntakenOrder extends ModelOrder {
  /** Milliseconds since it was given. */
  readonly ageMs: number;
}

/** Milliseconds after which an order is not taken any more: whoever gave it may have given up. */
export const ORDER_TTL_MS = 15_000;
/** Milliseconds for which one that was not taken is shown. */
export const UNTAKEN_KEPT_MS = 600_000;

/**
 * Orders on their way to the workers they are for.
 *
 * Every method throws {ExpectedFailure} `setup`, retryable, where it is out of reach.
 */
export interface ModelOrders {
  /** An earlier order for the same model of the same worker, taken or not, is forgotten. */
  give(order: ModelOrder): Promise<void>;
  /** Orders for a worker, each given once; none older than 15 s. */
  take(worker: string): Promise<readonly ModelOrder[]>;
  /** What was not taken, for 10 minutes from when it was given. */
  untaken(): Promise<readonly UntakenOrder[]>;
}
