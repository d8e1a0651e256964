import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { StreamPart } from '../../../src/ports/models/model-provider.js';

type QueuedPart = Extract<StreamPart, { type: 'queued' }>;

interface Waiting {
  admitted: boolean;
  wake: () => void;
}

/** Lets so many in at once; the others wait in the order they came. */
export class WaitingLine {
  readonly #places: number;
  readonly #longest: number;
  readonly #waiting: Waiting[] = [];
  #inside = 0;

  /** @param longest - how many may wait */
  constructor(places: number, longest: number) {
    this.#places = places;
    this.#longest = longest;
  }

  /**
   * Yields how many are ahead each time that changes, at least the one whose place comes free next; returns
   * what gives the place back.
   *
   * @throws {ExpectedFailure} `provider-overloaded` where too many wait already
   * @throws `signal.reason` when `signal` aborts before there is a place
   */
  async *enter(signal: AbortSignal): AsyncGenerator<QueuedPart, () => void> {
    signal.throwIfAborted();
    if (this.#inside < this.#places && this.#waiting.length === 0) {
      this.#inside++;
      return this.#leaveOnce();
    }
    if (this.#waiting.length >= this.#longest) {
      throw new ExpectedFailure('provider-overloaded', `${this.#waiting.length} requests wait already`);
    }
    const ticket: Waiting = { admitted: false, wake: () => {} };
    this.#waiting.push(ticket);
    const onAbort = () => ticket.wake();
    signal.addEventListener('abort', onAbort);
    let entered = false;
    try {
      let told = 0;
      while (!ticket.admitted) {
        const ahead = this.#waiting.indexOf(ticket) + 1;
        if (ahead !== told) {
          told = ahead;
          yield { type: 'queued', ahead };
          signal.throwIfAborted();
          continue;
        }
        await new Promise<void>((resolve) => {
          ticket.wake = resolve;
        });
        signal.throwIfAborted();
      }
      entered = true;
      return this.#leaveOnce();
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (!entered) this.#giveUp(ticket);
    }
  }

  #leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave();
    };
  }

  #leave(): void {
    this.#inside--;
    const next = this.#waiting.shift();
    if (next) {
      this.#inside++;
      next.admitted = true;
      next.wake();
    }
    for (const other of this.#waiting) other.wake();
  }

  #giveUp(ticket: Waiting): void {
    if (ticket.admitted) {
      this.#leave();
    } else {
      this.#waiting.splice(this.#waiting.indexOf(ticket), 1);
      for (const other of this.#waiting) other.wake();
    }
  }
}
