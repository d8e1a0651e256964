import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';

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
    const who = network(address);
    const recent = (this.#times.get(who) ?? []).filter((time) => time > nowMs - withinMs);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= attempts) return oldest + withinMs - nowMs;
    this.#times.set(who, [...recent, nowMs]);
    return 0;
  }
}

/** One customer has a whole /64 of IPv6, so that counts as one address. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
