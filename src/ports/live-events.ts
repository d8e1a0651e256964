import type { TurnId, TurnOutcome } from '../domain/turn.js';

/** What happens to a turn while somebody watches. Nothing is kept: who comes late reads the database. */
export type TurnEvent =
  /** `text` follows the first `offset` UTF-16 code units already sent; offset 0 starts again. */
  | { readonly type: 'text'; readonly offset: number; readonly text: string }
  | { readonly type: 'queued'; readonly ahead: number }
  | { readonly type: 'ended'; readonly outcome: TurnOutcome }
  /** A person asks the worker to stop. */
  | { readonly type: 'stop' };

/** At most once, in order per publisher, to everyone subscribed now; across processes where there are several. */
export interface LiveEvents {
  publish(turnId: TurnId, event: TurnEvent): void;
  /** Resolves once the subscription holds; the returned function ends it. */
  subscribe(turnId: TurnId, listener: (event: TurnEvent) => void): Promise<() => void>;
  stop(): Promise<void>;
}
