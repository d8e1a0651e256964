import type { LiveEvents } from '../ports/live-events.js';
import type { Log } from '../ports/log.js';
import { TurnListeners } from './turn-listeners.js';

/** Live events within one process. */
export function localLiveEvents(log: Log): LiveEvents {
  const listeners = new TurnListeners(log);
  return {
    publish: (turnId, event) => listeners.deliver(turnId, event),
    subscribe: async (turnId, listener) => listeners.add(turnId, listener),
    stop: async () => listeners.clear(),
  };
}
