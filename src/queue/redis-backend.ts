import { Queue, Worker } from 'bullmq';
import { openFailFastRedis, RECONNECT, redisReady } from '../exchange/redis-connection.js';
import type { Log } from '../ports/process/log.js';
import { KEPT_EVENTS, type QueueBackend } from './queue-backend.js';

/** Milliseconds `ready` waits for a connection attempt under way. */
const READY_MS = 1_000;
/** As for other connections, but BullMQ asks Redis to answer after 10 s where there is no job. */
const WORKER_SILENCE_MS = 15_000;

/**
 * Keeps jobs on Redis 6.2 or newer. All producers share one connection, each worker holds two of its own.
 *
 * @param url - `redis://` or `rediss://`
 * @param prefix - of every key, so that other programs can share the server
 */
export function redisBackend(url: string, log: Log, prefix = 'parley'): QueueBackend {
  const producer = openFailFastRedis(url, 'parley-jobs', log);
  return {
    ready: () => redisReady(producer, READY_MS),
    openQueue(name, onError) {
      const queue = new Queue(name, {
        connection: producer,
        prefix,
        streams: KEPT_EVENTS,
        // The check runs a command as the connection opens; failing then would leave this queue dead for good.
        // Workers check the same server.
        skipVersionCheck: true,
      });
      queue.on('error', onError);
      return queue;
    },
    openWorker(name, processor, options, onError) {
      const connection = { ...RECONNECT, url, socketTimeout: WORKER_SILENCE_MS };
      const worker = new Worker(name, processor, { ...options, prefix, connection });
      worker.on('error', onError);
      return worker;
    },
    async stop() {
      producer.disconnect();
    },
  };
}
