import type { ModelAction } from '../../domain/models/model-report.js';
import { MINUTE_MS } from '../../domain/time/duration.js';

/** What an administrator wants one worker to do with one model. */
export interface ModelOrder {
  readonly worker: string;
  readonly alias: string;
  readonly action: ModelAction;
}

/** An order as its worker takes it. */
export interface TakenOrder extends ModelOrder {
  /** Another one for each order given. */
  readonly id: string;
}

/** An order that was not carried out yet. */
export interface OpenOrder extends ModelOrder {
  /** Whether its worker knows of it. */
  readonly taken: boolean;
  /** Milliseconds since it was given or, once taken, since its worker asked for orders last. */
  readonly ageMs: number;
}

/** Milliseconds after which an order is not taken any more: whoever gave it may have given up. */
export const ORDER_TTL_MS = 15_000;
/** Milliseconds for which one that was not carried out is shown. */
export const OPEN_KEPT_MS = 10 * MINUTE_MS;

/**
 * Orders on their way to the workers they are for.
 *
 * Every method throws {ExpectedFailure} `setup`, retryable, where it is out of reach.
 */
export interface ModelOrders {
  /** An earlier order for the same model of the same worker that was not taken is forgotten. */
  give(order: ModelOrder): Promise<void>;
  /**
   * Orders for a worker: new ones not older than 15 s, and again and again those that it took, until they are done. An
   * answer that is lost on its way loses no order.
   */
  take(worker: string): Promise<readonly TakenOrder[]>;
  /** A worker carried an order out, or refused it. */
  done(id: string): Promise<void>;
  /** What was not carried out, for 10 minutes from when it was given, or its worker asked last. */
  open(): Promise<readonly OpenOrder[]>;
}
