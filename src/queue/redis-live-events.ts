import { ExpectedFailure } from '../domain/failure.js';
import type { TurnId } from '../domain/turn.js';
import type { LiveEvents, TurnEvent } from '../ports/live-events.js';
import type { Log } from '../ports/log.js';
import { connectionErrorLog, errorReason } from './connection-errors.js';
import { openFailFastRedis, redisReadyAgain } from './redis-connection.js';
import { within } from './time-limit.js';
import { turnEventSchema } from './turn-event-schema.js';
import { TurnListeners } from './turn-listeners.js';

/** Milliseconds to subscribe, reconnecting included. */
const SUBSCRIBE_MS = 2_000;
/** Longest message in UTF-16 code units; the longest reply a model can give is a third of that. */
const MAX_MESSAGE = 1_048_576;

/**
 * Live events between processes, over Redis pub/sub. Two connections: one publishes, one is subscribed to the
 * channel of every turn that somebody in this process watches.
 *
 * What is published while Redis is out of reach is lost; subscriptions come back with the connection.
 */
export function redisLiveEvents(url: string, log: Log, prefix = 'parley'): LiveEvents {
  const publisher = openFailFastRedis(url, 'parley-events', log);
  const subscriber = openFailFastRedis(url, 'parley-events-in', log, { autoResubscribe: false });
  const onError = connectionErrorLog(log, { backend: 'redis', effect: 'live events are lost' });
  const listeners = new TurnListeners(log);
  const channelStart = `${prefix}:turn:`;
  const channelOf = (turnId: TurnId) => `${channelStart}${turnId}`;

  subscriber.on('ready', () => {
    const channels = listeners.turns().map(channelOf);
    if (channels.length > 0) subscriber.subscribe(...channels).catch(onError);
  });
  subscriber.on('message', (channel: string, message: string) => {
    const turnId = Number(channel.slice(channelStart.length));
    const event = readEvent(message);
    if (event) listeners.deliver(turnId, event);
    else log.warn({ turnId, length: message.length }, 'malformed live event dropped');
  });

  function leave(turnId: TurnId, remove: () => void): void {
    const watched = listeners.has(turnId);
    remove();
    if (!watched || listeners.has(turnId)) return;
    // Out of reach: the connection that comes next is subscribed only to what is still watched.
    subscriber.unsubscribe(channelOf(turnId)).catch(() => {});
  }

  return {
    publish(turnId, event) {
      const message = JSON.stringify(event);
      if (message.length > MAX_MESSAGE) {
        log.warn({ turnId, event: event.type, length: message.length }, 'live event too long, dropped');
        return;
      }
      publisher.publish(channelOf(turnId), message).catch(onError);
    },

    async subscribe(turnId, listener) {
      const remove = listeners.add(turnId, listener);
      try {
        const subscribing = redisReadyAgain(subscriber, SUBSCRIBE_MS).then(() =>
          subscriber.subscribe(channelOf(turnId)),
        );
        await within(SUBSCRIBE_MS, subscribing, () => new Error('no answer in time'));
      } catch (cause) {
        leave(turnId, remove);
        throw new ExpectedFailure('setup', `cannot listen on Redis: ${errorReason(cause)}`, {
          retryable: true,
          cause,
        });
      }
      return () => leave(turnId, remove);
    },

    async stop() {
      listeners.clear();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

function readEvent(message: string): TurnEvent | undefined {
  if (message.length > MAX_MESSAGE) return undefined;
  try {
    return turnEventSchema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
