import type { TurnId } from '../domain/turn.js';
import type { TurnEvent } from '../ports/live-events.js';
import type { Log } from '../ports/log.js';

type Listener = (event: TurnEvent) => void;

/** Who in this process watches which turn. */
export class TurnListeners {
  readonly #log: Log;
  /** Values are wrapped, so that a function that listens twice counts twice. */
  readonly #byTurn = new Map<TurnId, Set<{ readonly listener: Listener }>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Turns somebody watches. */
  turns(): TurnId[] {
    return [...this.#byTurn.keys()];
  }

  has(turnId: TurnId): boolean {
    return this.#byTurn.has(turnId);
  }

  /** The returned function ends it; called again it does nothing. */
  add(turnId: TurnId, listener: Listener): () => void {
    const entry = { listener };
    const set = this.#byTurn.get(turnId) ?? new Set();
    this.#byTurn.set(turnId, set.add(entry));
    return () => {
      if (set.delete(entry) && set.size === 0) this.#byTurn.delete(turnId);
    };
  }

  /** Calls everyone who watches the turn now and still does when their time comes, later in this turn of the event loop. */
  deliver(turnId: TurnId, event: TurnEvent): void {
    const set = this.#byTurn.get(turnId);
    for (const entry of set ?? []) {
      queueMicrotask(() => {
        if (set?.has(entry)) this.#call(turnId, entry.listener, event);
      });
    }
  }

  clear(): void {
    for (const set of this.#byTurn.values()) set.clear();
    this.#byTurn.clear();
  }

  #call(turnId: TurnId, listener: Listener, event: TurnEvent): void {
    try {
      listener(event);
    } catch (err) {
      this.#log.error({ turnId, event: event.type, err }, 'a listener of live events failed');
    }
  }
}
