/** How far events were handled. */
export interface Handled {
  /** The last sequence number of the session before which nothing is under way. */
  readonly sequence: number;
  /** Milliseconds since 1970: all that Discord sent before this was handled. */
  readonly until: number;
}

interface Work {
  /** Null for work that belongs to no event of this session. */
  sequence: number | null;
  readonly since: number;
}

/**
 * Which events of a session were handled to their end. A process that takes over asks Discord for those after
 * `handled`: an event whose message was not yet recorded then comes again.
 */
export class EventProgress {
  readonly #open = new Set<Work>();
  #sequence = 0;
  #heardAt: number;

  /** @param heardAt - all that Discord sent before this was handled elsewhere; milliseconds since 1970 */
  constructor(heardAt: number) {
    this.#heardAt = heardAt;
  }

  get handled(): Handled {
    let sequence = this.#sequence;
    let until = this.#heardAt;
    for (const work of this.#open) {
      if (work.sequence !== null) sequence = Math.min(sequence, work.sequence - 1);
      until = Math.min(until, work.since);
    }
    return { sequence, until };
  }

  /** Something came from Discord, so the connection stood until now. */
  heard(at: number, sequence?: number): void {
    this.#heardAt = Math.max(this.#heardAt, at);
    if (sequence !== undefined) this.#sequence = Math.max(this.#sequence, sequence);
  }

  /** A session begins at this sequence; work of the one before still counts by its time. */
  begin(sequence: number): void {
    this.#sequence = sequence;
    for (const work of this.#open) work.sequence = null;
  }

  /**
   * Counts work as under way until it has succeeded. Work that failed was not handled: it stays open.
   *
   * @param since - what the work is about was sent at this time or later
   */
  track(done: Promise<unknown>, since: number, sequence: number | null): void {
    const work = { sequence, since };
    this.#open.add(work);
    done.then(
      () => this.#open.delete(work),
      () => {},
    );
  }
}
