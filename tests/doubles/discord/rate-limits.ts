import type { Clock } from '../../../src/ports/process/clock.js';
import type { Operation } from './spec.js';

/** How many requests a bucket takes in a window. */
export interface BucketLimit {
  readonly limit: number;
  readonly windowMs: number;
}

export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** Set where the request is refused: seconds to wait. */
  readonly retryAfter?: number;
  readonly global?: boolean;
}

/** As seen on Discord for the routes that matter here; the rest is generous. */
const DEFAULT_LIMITS: Readonly<Record<string, BucketLimit>> = {
  'post /channels/{channel_id}/messages': { limit: 5, windowMs: 5000 },
  'patch /channels/{channel_id}/messages/{message_id}': { limit: 5, windowMs: 5000 },
  'delete /channels/{channel_id}/messages/{message_id}': { limit: 5, windowMs: 1000 },
  'post /channels/{channel_id}/typing': { limit: 5, windowMs: 5000 },
  'post /webhooks/{webhook_id}/{webhook_token}': { limit: 5, windowMs: 5000 },
  'patch /webhooks/{webhook_id}/{webhook_token}/messages/@original': { limit: 5, windowMs: 5000 },
  'patch /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': { limit: 5, windowMs: 5000 },
};
const OTHER: BucketLimit = { limit: 50, windowMs: 1000 };
const GLOBAL_PER_SECOND = 50;

/** Buckets per (method, route, channel or webhook), and 50 requests a second over all. */
export class RateLimits {
  /** Overrides by `method template`. */
  readonly limits = new Map<string, BucketLimit>(Object.entries(DEFAULT_LIMITS));
  /** Requests refused so far. */
  refused = 0;
  readonly #clock: Clock;
  readonly #windows = new Map<string, { used: number; resetAt: number }>();
  #global = { used: 0, resetAt: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(operation: Operation): Verdict {
    const verdict = this.#judge(operation);
    if (verdict.retryAfter !== undefined) this.refused++;
    return verdict;
  }

  #judge(operation: Operation): Verdict {
    const { template, method, params } = operation;
    if (template.startsWith('/interactions/')) return { headers: {} };
    const now = this.#clock.now();
    const route = `${method} ${template}`;
    const { limit, windowMs } = this.limits.get(route) ?? OTHER;
    const major = params['channel_id'] ?? params['webhook_token'] ?? params['guild_id'] ?? '';
    const key = `${route} ${major}`;
    let window = this.#windows.get(key);
    if (!window || window.resetAt <= now) {
      window = { used: 0, resetAt: now + windowMs };
      this.#windows.set(key, window);
    }
    if (!template.startsWith('/webhooks/') && this.#overGlobal(now)) {
      const retryAfter = (this.#global.resetAt - now) / 1000;
      return {
        retryAfter,
        global: true,
        headers: {
          'Retry-After': String(Math.ceil(retryAfter)),
          'X-RateLimit-Global': 'true',
          'X-RateLimit-Scope': 'global',
        },
      };
    }
    const refused = window.used >= limit;
    if (!refused) window.used++;
    const resetAfter = (window.resetAt - now) / 1000;
    const headers = {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(limit - window.used),
      'X-RateLimit-Reset': String(window.resetAt / 1000),
      'X-RateLimit-Reset-After': String(resetAfter),
      'X-RateLimit-Bucket': bucketName(route),
    };
    if (!refused) return { headers };
    return {
      retryAfter: resetAfter,
      headers: { ...headers, 'Retry-After': String(Math.ceil(resetAfter)), 'X-RateLimit-Scope': 'user' },
    };
  }

  #overGlobal(now: number): boolean {
    if (this.#global.resetAt <= now) this.#global = { used: 0, resetAt: now + 1000 };
    if (this.#global.used >= GLOBAL_PER_SECOND) return true;
    this.#global.used++;
    return false;
  }
}

/** 32 hexadecimal digits, the same for the same route: what Discord's bucket names look like. */
function bucketName(route: string): string {
  let hash = 0n;
  for (const char of route) hash = (hash * 131n + BigInt(char.charCodeAt(0))) & ((1n << 128n) - 1n);
  return hash.toString(16).padStart(32, '0');
}
