import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { LRUCache } from 'lru-cache';
import { networkOf } from '../../../src/domain/networks.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import { ProblemError } from '../http/problem.js';
import { callerAddress } from './caller-address.js';

/** Different wrong keys from one address, before no other is looked at. */
const WRONG_KEYS = 10;
const WITHIN_MS = 60_000;
/** Addresses with wrong keys, and right keys with the address they came from: each so many. */
const REMEMBERED = 10_000;

/**
 * Wrong keys by address, in this process. A program that shows an old key again and again guesses nothing: that counts
 * once. A key that was right from an address before is looked at whatever others try from there, as behind a proxy.
 */
export class KeyGuesses {
  readonly #clock: Pick<Clock, 'now'>;
  /** By address: the digests of the keys, and when each was last shown, in ms. */
  readonly #wrong = new LRUCache<string, ReadonlyMap<string, number>>({ max: REMEMBERED });
  readonly #right = new LRUCache<string, true>({ max: REMEMBERED });

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /**
   * Finds out whose a key is, unless its address has guessed too much.
   *
   * @param find - null for a wrong key
   * @throws {ProblemError} 429, whether the key is right or wrong
   */
  async judge<Found>(
    c: Context,
    key: string,
    find: () => Found | null | Promise<Found | null>,
  ): Promise<Found | null> {
    const from = networkOf(callerAddress(c));
    const digest = createHash('sha256').update(key).digest('base64');
    const pair = `${from} ${digest}`;
    const recent = this.#recent(from);
    if (this.#right.get(pair) === undefined && !recent.has(digest)) this.#check(recent);
    const found = await find();
    if (found !== null) this.#right.set(pair, true);
    else this.#wrong.set(from, new Map([...this.#recent(from), [digest, this.#clock.now()]]));
    return found;
  }

  #recent(from: string): ReadonlyMap<string, number> {
    const since = this.#clock.now() - WITHIN_MS;
    return new Map([...(this.#wrong.get(from) ?? [])].filter(([, shown]) => shown > since));
  }

  #check(recent: ReadonlyMap<string, number>): void {
    if (recent.size < WRONG_KEYS) return;
    const oldest = Math.min(...recent.values());
    const message = 'There were too many wrong keys from your address; wait a minute.';
    const retryAfterMs = oldest + WITHIN_MS - this.#clock.now();
    throw new ProblemError({ status: 429, code: 'attempt-limit', message, retryAfterMs });
  }
}
