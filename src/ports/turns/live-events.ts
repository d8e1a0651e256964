import type { ConversationId, TurnId, TurnOutcome } from '../../domain/turn.js';

/** What happens to a turn while somebody watches. Nothing is kept: who comes late reads the database. */
export type TurnEvent =
  /** `text` follows the first `offset` UTF-16 code units already sent; offset 0 starts again. */
  | { readonly type: 'text'; readonly offset: number; readonly text: string }
  | { readonly type: 'queued'; readonly ahead: number }
  | { readonly type: 'ended'; readonly outcome: TurnOutcome }
  /** A person asks the worker to stop. */
  | { readonly type: 'stop' }
  /** Somebody watches who missed what came before: whoever writes the reply says it whole again. */
  | { readonly type: 'joined' };

/** At most once, in order per publisher, to everyone subscribed now; across processes where there are several. */
export interface TurnEvents {
  publish(turnId: TurnId, event: TurnEvent): void;
  /** Resolves once the subscription holds; the returned function ends it. */
  subscribe(turnId: TurnId, listener: (event: TurnEvent) => void): Promise<() => void>;
}

export interface LiveEvents extends TurnEvents {
  /** A conversation lost text: whoever keeps something made of it, in any process, is to drop that. */
  publishForgotten(conversationId: ConversationId): void;
  /** Listens from now on, whenever there is a connection; the returned function ends it. */
  onForgotten(listener: (conversationId: ConversationId) => void): () => void;

  stop(): Promise<void>;
}
