/** Another attempt holds the turn now: this one ends without a trace. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor() {
    super('another worker took this turn over');
  }
}

/** A worker's hold on a turn, while one attempt at it lasts. */
export interface HeldLease {
  /** Aborts with LeaseLost once another attempt may run: touch nothing after that. */
  readonly lost: AbortSignal;
  /** Aborts with StopAsked when a person stops the turn. */
  readonly stopAsked: AbortSignal;
  /**
   * To be asked before anything is sent: of a process that stood still, other timers may fire before the lease's own.
   *
   * @throws {LeaseLost} where the lease has run out by now, and aborts `lost`
   */
  check(): void;
  letGo(): void;
}
