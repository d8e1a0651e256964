import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { EditBudget, Rate } from '../ports/delivery/edit-budget.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { within } from '../process/time-limit.js';
import { NOW } from './ask-redis.js';
import { connectionErrorLog } from './connection-errors.js';
import type { EditSlots, Slot, SlotAnswer } from './edit-slots.js';
import { MemoryEditSlots } from './memory-edit-slots.js';
import { pacedEditBudget } from './paced-edit-budget.js';
import { openFailFastRedis, redisReady } from './redis-connection.js';
import { shareOfRate } from './share-of-rate.js';

/**
 * Milliseconds until Redis is taken to be away. Long, since a burst makes it slow, or this process: a late edit is
 * better than one too many.
 */
const ANSWER_MS = 5_000;
/** Milliseconds until one that is away is looked for again. */
const LOOK_AGAIN_MS = 1_000;
/** Keys of which it is remembered how many processes take from them. */
const KEYS = 10_000;

/**
 * KEYS: edits taken (sorted set, member = id, score = time), pause, urgent waiter, processes that asked (as the first).
 * ARGV: edits, perMs, urgent, id, process.
 * Returns how many processes asked within a minute, and 0 where it counted the edit, or the milliseconds to wait.
 */
const TAKE = `${NOW}local edits, perMs, urgent, id = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4]
redis.call('ZADD', KEYS[4], now, ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - 60000)
redis.call('PEXPIRE', KEYS[4], 60000)
local takers = redis.call('ZCARD', KEYS[4])
local paused = redis.call('PTTL', KEYS[2])
if paused > 0 then return { takers, paused } end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - perMs)
local taken = redis.call('ZCARD', KEYS[1])
if taken >= edits then
  local blocking = redis.call('ZRANGE', KEYS[1], taken - edits, taken - edits, 'WITHSCORES')
  local wait = math.max(1, math.ceil(tonumber(blocking[2]) + perMs - now))
  -- Keeps the others back until this one has asked again; gone by itself should it never do so.
  if urgent then redis.call('SET', KEYS[3], id, 'PX', wait + 250) end
  return { takers, wait }
end
if urgent then
  redis.call('DEL', KEYS[3])
else
  local held = redis.call('PTTL', KEYS[3])
  if held > 0 then return { takers, math.min(held, 25) } end
end
redis.call('ZADD', KEYS[1], now, id)
redis.call('PEXPIRE', KEYS[1], perMs + 1000)
return { takers, 0 }`;

/** KEYS: pause. ARGV: milliseconds. Never shortens a pause. */
const PAUSE = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) end
return 0`;

/**
 * Budgets that all processes on one Redis share. While it is out of reach each keeps to its part: as many of them as
 * took from a budget last.
 */
export function redisEditBudget(
  url: string,
  clock: Clock,
  log: Log,
  prefix = 'parley',
): EditBudget & { stop(): Promise<void> } {
  const redis = openFailFastRedis(url, 'parley-edits', log);
  const slots = new RedisEditSlots(redis, clock, log, prefix);
  return {
    ...pacedEditBudget(slots, clock),
    async stop() {
      slots.stop();
      redis.disconnect();
    },
  };
}

/**
 * Counts edits on Redis, and in this process first. An edit needs room in both: so nothing is asked of Redis that
 * this process alone has used up, and what was counted here holds while Redis is away.
 */
class RedisEditSlots implements EditSlots {
  readonly #redis: Redis;
  readonly #local: MemoryEditSlots;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #process = randomUUID();
  readonly #takers = new LRUCache<string, number>({ max: KEYS });
  readonly #stopped = new AbortController();
  /** Of the budget asked last: as likely as any for one that was never asked. */
  #lastTakers = 1;
  #away = false;
  readonly #onError: (error: unknown) => void;

  constructor(redis: Redis, clock: Clock, log: Log, prefix: string) {
    this.#redis = redis;
    this.#local = new MemoryEditSlots(clock);
    this.#clock = clock;
    this.#prefix = prefix;
    this.#onError = connectionErrorLog(log, { backend: 'redis', effect: 'edits are counted per process' });
  }

  async take(key: string, rate: Rate, urgent: boolean): Promise<SlotAnswer> {
    if (this.#away) return this.#local.take(key, this.#shareOf(key, rate));
    const local = this.#local.take(key, rate);
    if (!local.granted) return local;
    const id = randomUUID();
    const waitMs = await this.#ask(key, rate, urgent, id);
    if (waitMs === 0) return { granted: true, slot: { ...local.slot, id } };
    this.#local.giveBack(key, local.slot);
    // Asking in vain took its time: the edit is made now, and so it is counted now.
    if (waitMs === null) return this.#local.take(key, this.#shareOf(key, rate));
    return { granted: false, waitMs };
  }

  giveBack(key: string, slot: Slot): void {
    this.#local.giveBack(key, slot);
    this.#redis.zrem(this.#keys(key).taken, slot.id).catch(this.#onError);
  }

  pause(key: string, ms: number): void {
    if (!(ms > 0)) return;
    this.#local.pause(key, ms);
    this.#redis.eval(PAUSE, 1, this.#keys(key).pause, Math.ceil(ms)).catch(this.#onError);
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Milliseconds to wait, 0 for a counted edit, null where Redis is away. */
  async #ask(key: string, rate: Rate, urgent: boolean, id: string): Promise<number | null> {
    const { taken, pause, waiter, takers } = this.#keys(key);
    const numbers = [Math.floor(rate.edits), Math.ceil(rate.perMs), urgent ? 1 : 0];
    try {
      const asked = redisReady(this.#redis, ANSWER_MS).then(() =>
        this.#redis.eval(TAKE, 4, taken, pause, waiter, takers, ...numbers, id, this.#process),
      );
      const answer = await within(ANSWER_MS, asked, () => new Error('no answer in time'));
      const [count, waitMs] = answer as [number, number];
      this.#takers.set(key, count);
      this.#lastTakers = count;
      return waitMs;
    } catch (error) {
      this.#onError(error);
      void this.#lookAgain();
      return null;
    }
  }

  /** Redis is asked nothing more until it has answered: not every edit is to wait for one that hangs. */
  async #lookAgain(): Promise<void> {
    if (this.#away) return;
    this.#away = true;
    while (this.#away && !this.#stopped.signal.aborted) {
      try {
        await this.#clock.sleep(LOOK_AGAIN_MS, this.#stopped.signal);
        await redisReady(this.#redis, ANSWER_MS);
        await this.#redis.ping();
        this.#away = false;
      } catch {
        // It is still away, which `#onError` has told.
      }
    }
  }

  #shareOf(key: string, rate: Rate): Rate {
    return shareOfRate(rate, this.#takers.get(key) ?? this.#lastTakers);
  }

  /** Braces: on a cluster the keys of one script lie on one node. */
  #keys(key: string) {
    const base = `${this.#prefix}:edits:{${key}}`;
    return {
      taken: `${base}:taken`,
      pause: `${base}:pause`,
      waiter: `${base}:urgent`,
      takers: `${base}:takers`,
    };
  }
}
