import { LRUCache } from 'lru-cache';
import { networkOf } from '../../../src/domain/networks.js';

export interface AttemptLimitOptions {
  readonly attempts: number;
  readonly withinMs: number;
}

/** Addresses remembered: whoever has more than that has no need to guess here. */
const REMEMBERED = 10_000;

/** Counts attempts by address, in this process. */
export class AttemptLimit {
  readonly #options: AttemptLimitOptions;
  readonly #times = new LRUCache<string, readonly number[]>({ max: REMEMBERED });

  constructor(options: AttemptLimitOptions) {
    this.#options = options;
  }

  /**
   * Counts one attempt where it may be made.
   *
   * @returns ms to wait for the next one; 0 where this one may be made
   */
  wait(address: string, nowMs: number): number {
    const { attempts, withinMs } = this.#options;
    const who = networkOf(address);
    const recent = (this.#times.get(who) ?? []).filter((time) => time > nowMs - withinMs);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= attempts) return oldest + withinMs - nowMs;
    this.#times.set(who, [...recent, nowMs]);
    return 0;
  }
}
