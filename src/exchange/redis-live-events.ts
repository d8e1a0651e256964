import { ExpectedFailure } from '../domain/failure.js';
import type { ConversationId, TurnId } from '../domain/turn.js';
import type { Log } from '../ports/process/log.js';
import type { LiveEvents, TurnEvent } from '../ports/turns/live-events.js';
import { within } from '../process/time-limit.js';
import { connectionErrorLog, errorReason } from './connection-errors.js';
import { EventListeners } from './event-listeners.js';
import { openFailFastRedis, redisReady, redisReadyAgain } from './redis-connection.js';
import { turnEventSchema } from './turn-event-schema.js';

/** Milliseconds to subscribe, reconnecting included, and to connect at first. */
const SUBSCRIBE_MS = 2_000;
/** Longest message in UTF-16 code units; the longest reply a model can give is a third of that. */
const MAX_MESSAGE = 1_048_576;

/**
 * Live events between processes, over Redis pub/sub. Two connections: one publishes, one is subscribed to the
 * channel of every turn that somebody in this process watches.
 *
 * What is published while Redis is out of reach is lost, but for the moments of the first connecting; subscriptions
 * come back with the connection.
 */
export function redisLiveEvents(url: string, log: Log, prefix = prefixOf(url)): LiveEvents {
  const publisher = openFailFastRedis(url, 'parley-events', log);
  const subscriber = openFailFastRedis(url, 'parley-events-in', log, { autoResubscribe: false });
  const onError = connectionErrorLog(log, { backend: 'redis', effect: 'live events are lost' });
  const listeners = new EventListeners<TurnId, TurnEvent>(log);
  const forgotten = new EventListeners<'forgotten', ConversationId>(log);
  const forgottenChannel = `${prefix}:forgotten`;
  const channelStart = `${prefix}:turn:`;
  const channelOf = (turnId: TurnId) => `${channelStart}${turnId}`;

  const connected = redisReady(publisher, SUBSCRIBE_MS).catch(() => {});
  async function send(channel: string, message: string): Promise<void> {
    await connected;
    await publisher.publish(channel, message);
  }

  subscriber.on('ready', () => {
    const channels = listeners.topics().map(channelOf);
    if (forgotten.has('forgotten')) channels.push(forgottenChannel);
    if (channels.length > 0) subscriber.subscribe(...channels).catch(onError);
  });
  subscriber.on('message', (channel: string, message: string) => {
    if (channel === forgottenChannel) return forgotten.deliver('forgotten', Number(message));
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
      send(channelOf(turnId), message).catch(onError);
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

    publishForgotten(conversationId) {
      send(forgottenChannel, String(conversationId)).catch(onError);
    },

    onForgotten(listener) {
      const remove = forgotten.add('forgotten', listener);
      // Out of reach, or not yet connected: the connection that comes is subscribed.
      subscriber.subscribe(forgottenChannel).catch(() => {});
      return remove;
    },

    async stop() {
      listeners.clear();
      forgotten.clear();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** Channels are shared by all databases of a Redis: its number keeps two Parleys apart, as it does their keys. */
function prefixOf(url: string): string {
  return `parley:${new URL(url).pathname.slice(1) || '0'}`;
}

function readEvent(message: string): TurnEvent | undefined {
  if (message.length > MAX_MESSAGE) return undefined;
  try {
    return turnEventSchema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
