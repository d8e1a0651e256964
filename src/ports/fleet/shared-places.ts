/** Places of one name that all processes share, so many of which are taken at a time. */
export interface SharedPlaces {
  /**
   * Waits for a place and holds it until the returned function is called. A process that dies gives back what it held
   * within half a minute. While the store is out of reach nothing is waited for.
   *
   * @param places - how many there are; processes that name different numbers each keep to their own
   * @throws `signal.reason` when `signal` aborts first
   */
  enter(name: string, places: number, signal: AbortSignal): Promise<() => void>;
}
