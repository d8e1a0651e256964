/** At most `edits` in any `perMs` milliseconds. */
export interface Rate {
  readonly edits: number;
  readonly perMs: number;
}

/** What an edit is counted as. */
export interface Charge {
  readonly key: string;
  readonly rate: Rate;
  /** A budget that it is counted in as well, taken from after this one. */
  readonly within?: Charge;
}

/** How often something may be edited. All who name one key share one budget. */
export interface EditBudget {
  /**
   * Resolves when an edit may be sent; the edit is then counted. First come, first served, but `urgent` ones
   * (a reply's last edit) go before the others.
   *
   * @throws `signal.reason` when `signal` aborts first; nothing is counted then
   */
  take(key: string, rate: Rate, urgent: boolean, signal: AbortSignal): Promise<void>;
  /** The platform told us to wait: nobody takes from `key` for `ms`. */
  pause(key: string, ms: number): void;
}
