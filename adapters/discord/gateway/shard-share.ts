import type { Leases } from '../../../src/ports/fleet/leases.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { botKey } from '../rest/bot-key.js';

export interface ShardShareOptions {
  readonly leases: Leases;
  readonly token: string;
  /** Names this process. */
  readonly owner: string;
  /** How many there are. */
  readonly shards: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** That of a process that died runs out after this time. */
const PRESENCE_MS = 6_000;
const LOOK_EVERY_MS = 1_500;
/** A shard that nobody holds for so long is anybody's. */
const FORSAKEN_MS = 3_000;
/** Between two shards given away: whoever is to have one is to have it first. */
const SETTLE_MS = 10_000;

/**
 * How many of a bot's shards this process should hold: as many as every other gateway, rounded up. It takes no more
 * unless a shard is forsaken, and gives away what is too much, one at a time. With one shard nothing ever moves.
 */
export class ShardShare {
  readonly #options: ShardShareOptions;
  readonly #name: string;
  readonly #prefix: string;
  /** Shards held, or about to be asked for. */
  readonly #held = new Map<number, () => void>();
  readonly #freeSince = new Map<number, number>();
  #fair: number;
  #settledAt = 0;

  constructor(options: ShardShareOptions) {
    const { token, owner, shards } = options;
    this.#options = options;
    this.#prefix = `${botKey(token)}/gateway/of-${shards}/`;
    this.#name = `${this.#prefix}${owner}`;
    this.#fair = shards;
  }

  /** Lets others count this process until `signal` aborts, and gives away what it holds too much. Never throws. */
  async keep(signal: AbortSignal): Promise<void> {
    const { leases, owner, clock, log } = this.#options;
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => log.debug({ err: error }, 'gateways could not be counted'));
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
    }
    await leases
      .release(this.#name, owner)
      .catch((error: unknown) => log.debug({ err: error }, 'a lease was not given back'));
  }

  /** @throws where the database is out of reach */
  async look(): Promise<void> {
    const { leases, owner, shards, clock, log } = this.#options;
    await leases.take(this.#name, owner, PRESENCE_MS);
    const gateways = Math.max(1, await leases.count(this.#prefix));
    this.#fair = Math.ceil(shards / gateways);
    const now = clock.now();
    if (this.#held.size <= this.#fair || now - this.#settledAt < SETTLE_MS) return;
    const [shard, giveAway] = [...this.#held].at(-1) ?? [];
    this.#settledAt = now;
    log.info({ shard, gateways }, 'a Discord shard goes to another gateway');
    giveAway?.();
  }

  /** Whether to ask for a shard's lease; it then counts as held until `release`. Never throws. */
  async mayTake(shard: number, lease: string): Promise<boolean> {
    const { leases, clock } = this.#options;
    const note = await leases.note(lease).catch(() => 'unknown');
    if (note !== null) {
      this.#freeSince.delete(shard);
      return false;
    }
    const since = this.#freeSince.get(shard) ?? clock.now();
    this.#freeSince.set(shard, since);
    if (this.#held.size >= this.#fair && clock.now() - since < FORSAKEN_MS) return false;
    this.#held.set(shard, () => {});
    return true;
  }

  /** @param giveAway - called when another process is to have the shard */
  hold(shard: number, giveAway: () => void): void {
    this.#freeSince.delete(shard);
    this.#settledAt = this.#options.clock.now();
    this.#held.set(shard, giveAway);
  }

  release(shard: number): void {
    this.#held.delete(shard);
  }
}
