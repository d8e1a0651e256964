import type { ConversationId, TurnId } from '../domain/turn.js';
import type { Log } from '../ports/process/log.js';
import type { LiveEvents, TurnEvent } from '../ports/turns/live-events.js';
import { EventListeners } from './event-listeners.js';

/** Live events within one process. */
export function localLiveEvents(log: Log): LiveEvents {
  const turns = new EventListeners<TurnId, TurnEvent>(log);
  const forgotten = new EventListeners<'forgotten', ConversationId>(log);
  return {
    publish: (turnId, event) => turns.deliver(turnId, event),
    subscribe: async (turnId, listener) => turns.add(turnId, listener),
    publishForgotten: (conversationId) => forgotten.deliver('forgotten', conversationId),
    onForgotten: (listener) => forgotten.add('forgotten', listener),
    stop: async () => {
      turns.clear();
      forgotten.clear();
    },
  };
}
