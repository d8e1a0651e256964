/** Names that one of many processes holds at a time, each for a while. */
export interface Leases {
  /**
   * Takes the lease of `name`, or prolongs it where `owner` holds it already.
   *
   * @param owner - names a process, or what in it holds the lease
   * @param ms - after which it runs out by itself; by the clock of the store
   * @param note - what others may read of the holder; none where left out
   * @returns false where someone else holds it
   * @throws {ExpectedFailure} `setup`, retryable, where the store is out of reach: it may have been taken all the same
   */
  take(name: string, owner: string, ms: number, note?: string): Promise<boolean>;

  /** Gives it back, so that another may take it at once. Nothing happens where `owner` does not hold it. */
  release(name: string, owner: string): Promise<void>;

  /** The holder's note; null where nobody holds it, or the holder left none. */
  note(name: string): Promise<string | null>;

  /** How many names that begin with `prefix` are held. */
  count(prefix: string): Promise<number>;
}
