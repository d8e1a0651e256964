/** Calls a minute that Slack allows of each method, per workspace and app. Unlisted methods are not limited here. */
const PER_MINUTE: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'chat.startStream': 20,
  'chat.stopStream': 20,
  'chat.appendStream': 100,
  'chat.delete': 50,
  'conversations.replies': 50,
  'conversations.history': 50,
  'users.info': 100,
};
/** chat.postMessage: about one a second in a channel, with short bursts. */
const POSTS = { burst: 5, perSecond: 1 };

/** Counts calls and says how long a caller who exceeded a limit has to wait. */
export class MethodRates {
  readonly #now: () => number;
  readonly #calls = new Map<string, number[]>();
  readonly #posts = new Map<string, { tokens: number; at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds to wait, 0 where the call may pass (and is counted). */
  take(method: string, channel: string): number {
    return method === 'chat.postMessage' ? this.#takePost(channel) : this.#takeCall(method);
  }

  #takeCall(method: string): number {
    const limit = PER_MINUTE[method];
    if (limit === undefined) return 0;
    const now = this.#now();
    const recent = (this.#calls.get(method) ?? []).filter((at) => now - at < 60_000);
    this.#calls.set(method, recent);
    const first = recent[0];
    if (recent.length >= limit && first !== undefined) return Math.ceil((first + 60_000 - now) / 1000);
    recent.push(now);
    return 0;
  }

  #takePost(channel: string): number {
    const now = this.#now();
    const bucket = this.#posts.get(channel) ?? { tokens: POSTS.burst, at: now };
    const tokens = Math.min(POSTS.burst, bucket.tokens + ((now - bucket.at) / 1000) * POSTS.perSecond);
    this.#posts.set(channel, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1 ? 0 : 1;
  }
}
