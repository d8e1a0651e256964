import { PATIENCE_MS } from '../patience.js';
import { Watchers } from '../watchers.js';

/** Something that happened on the double, in the order it happened. */
export type LogEntry =
  | RequestEntry
  | { readonly type: 'dispatch'; readonly event: string; readonly data: unknown }
  | { readonly type: 'gateway'; readonly what: GatewayMoment; readonly detail?: unknown }
  /** Someone's client would have made a sound. */
  | {
      readonly type: 'ping';
      readonly who: string;
      readonly messageId: string;
      readonly by: 'create' | 'edit';
    }
  | { readonly type: 'interaction-failed'; readonly interactionId: string };

type GatewayMoment = 'connected' | 'identified' | 'resumed' | 'closed' | 'refused';

/** One REST request and what it was answered with. */
export interface RequestEntry {
  readonly type: 'request';
  readonly method: string;
  /** Decoded, without `/api/v10`. */
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  readonly authorization: string | null;
  /** HTTP status, or `dropped` where the socket was cut before an answer. */
  readonly status: number | 'dropped';
  /** Discord's own error code, where there is one. */
  readonly code: number | null;
  /** Whether the request had its effect, whatever the answer. */
  readonly applied: boolean;
  /** Milliseconds since 1970, when it was answered. */
  readonly at: number;
}

/** An append-only log that can be waited on. */
export class EventLog {
  readonly entries: LogEntry[] = [];
  readonly #watchers = new Watchers();

  add(entry: LogEntry): void {
    this.entries.push(entry);
    this.changed();
  }

  /** Looks again at what is waited for; call it after any change of state. */
  changed(): void {
    this.#watchers.changed();
  }

  /**
   * Resolves with the first value of `look` that is neither undefined, null nor false, now or after a change.
   *
   * @param what - for the error's text
   * @throws {Error} after `withinMs`, with the tail of the log
   */
  waitFor<T>(look: () => T | undefined | null | false, what: string, withinMs = PATIENCE_MS): Promise<T> {
    return this.#watchers.waitFor(
      look,
      withinMs,
      () => `waited ${withinMs} ms for ${what}; the log ends with\n${this.#tail()}`,
    );
  }

  requests(method: string, path: RegExp): RequestEntry[] {
    return this.entries.filter(
      (entry): entry is RequestEntry =>
        entry.type === 'request' && entry.method === method && path.test(entry.path),
    );
  }

  #tail(): string {
    return this.entries
      .slice(-12)
      .map((entry) =>
        entry.type === 'request'
          ? `${entry.method} ${entry.path} → ${entry.status} ${entry.code ?? ''} ${JSON.stringify(entry.body) ?? ''}`
          : JSON.stringify(entry).slice(0, 200),
      )
      .join('\n');
  }
}
