import type { Redis } from 'ioredis';
import { ExpectedFailure } from '../domain/failure.js';
import { within } from '../process/time-limit.js';
import { errorReason } from './connection-errors.js';
import { redisReadyAgain } from './redis-connection.js';

/** Milliseconds for one question to Redis, reconnecting included. */
const ANSWER_MS = 2_000;

/** Begins a script: `now` in milliseconds since 1970. Time is the server's own: machines disagree. */
export const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Puts one question to Redis, waiting for a connection that is down.
 *
 * @param about - completes the sentence "cannot ask Redis about …"
 * @throws {ExpectedFailure} `setup`, retryable, where there is no answer within 2 s
 */
export async function askRedis<T>(redis: Redis, about: string, question: () => Promise<T>): Promise<T> {
  try {
    const asked = redisReadyAgain(redis, ANSWER_MS).then(question);
    return await within(ANSWER_MS, asked, () => new Error('no answer in time'));
  } catch (cause) {
    throw new ExpectedFailure('setup', `cannot ask Redis about ${about}: ${errorReason(cause)}`, {
      retryable: true,
      cause,
    });
  }
}
