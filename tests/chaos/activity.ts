interface Seen {
  /** Milliseconds since 1970 at which what people see of the answer changed. */
  readonly changes: number[];
  finished: boolean;
}

/** What became visible of each question's answer, and when. */
export class Activity {
  readonly #seen = new Map<string, Seen>();
  /** Milliseconds since 1970 of the last change of any answer. */
  lastChangeAt = 0;

  changed(tag: string, finished: boolean, at = Date.now()): void {
    const seen = this.#of(tag);
    seen.changes.push(at);
    if (finished) seen.finished = true;
    this.lastChangeAt = Math.max(this.lastChangeAt, at);
  }

  /** The last version of the answer stands there, with its buttons. */
  finished(tag: string): boolean {
    return this.#of(tag).finished;
  }

  /** When the answer changed for the first time after `at`; null where it never did. */
  nextChange(tag: string, at: number): number | null {
    return this.#of(tag).changes.find((change) => change > at) ?? null;
  }

  #of(tag: string): Seen {
    const known = this.#seen.get(tag);
    if (known) return known;
    const seen: Seen = { changes: [], finished: false };
    this.#seen.set(tag, seen);
    return seen;
  }
}
