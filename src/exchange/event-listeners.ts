import type { Log } from '../ports/process/log.js';

/** Who in this process listens to which topic. */
export class EventListeners<Topic, Event> {
  readonly #log: Log;
  /** Values are wrapped, so that a function that listens twice counts twice. */
  readonly #byTopic = new Map<Topic, Set<{ readonly listener: (event: Event) => void }>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Topics somebody listens to. */
  topics(): Topic[] {
    return [...this.#byTopic.keys()];
  }

  has(topic: Topic): boolean {
    return this.#byTopic.has(topic);
  }

  /** The returned function ends it; called again it does nothing. */
  add(topic: Topic, listener: (event: Event) => void): () => void {
    const entry = { listener };
    const set = this.#byTopic.get(topic) ?? new Set();
    this.#byTopic.set(topic, set.add(entry));
    return () => {
      if (set.delete(entry) && set.size === 0) this.#byTopic.delete(topic);
    };
  }

  /** Calls everyone who listens now and still does when their time comes, later in this turn of the event loop. */
  deliver(topic: Topic, event: Event): void {
    const set = this.#byTopic.get(topic);
    for (const entry of set ?? []) {
      queueMicrotask(() => {
        if (set?.has(entry)) this.#call(topic, entry.listener, event);
      });
    }
  }

  clear(): void {
    for (const set of this.#byTopic.values()) set.clear();
    this.#byTopic.clear();
  }

  #call(topic: Topic, listener: (event: Event) => void, event: Event): void {
    try {
      listener(event);
    } catch (err) {
      this.#log.error({ topic, err }, 'a listener of live events failed');
    }
  }
}
