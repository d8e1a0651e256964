export interface Rate {
  readonly edits: number;
  readonly perMs: number;
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
