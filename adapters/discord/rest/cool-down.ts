import type { Clock } from '../../../src/ports/process/clock.js';
import type { DiscordFailure } from './read-failure.js';

/** Refusals count towards a ban of the address: a channel that refused is left alone this long. */
const COOL_DOWN_MS = 60_000;
const MOST_CHANNELS = 10_000;

/** Channels that refused the bot a moment ago. */
export class CoolDown {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();
  readonly #failures = new Map<string, DiscordFailure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the refusal that still stands, or null where the channel may be tried */
  refusal(channelId: string): DiscordFailure | null {
    const until = this.#until.get(channelId);
    if (until === undefined) return null;
    if (until > this.#clock.now()) return this.#failures.get(channelId) ?? null;
    this.#forget(channelId);
    return null;
  }

  note(channelId: string, failure: DiscordFailure): void {
    if (failure.reason !== 'forbidden') return;
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size >= MOST_CHANNELS) this.#forget(oldest);
    this.#until.set(channelId, this.#clock.now() + COOL_DOWN_MS);
    this.#failures.set(channelId, failure);
  }

  #forget(channelId: string): void {
    this.#until.delete(channelId);
    this.#failures.delete(channelId);
  }
}
