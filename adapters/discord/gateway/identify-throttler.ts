import { randomUUID } from 'node:crypto';
import type { IIdentifyThrottler } from '@discordjs/ws';
import type { Leases } from '../../../src/ports/fleet/leases.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { botKey } from '../rest/bot-key.js';

/** Discord takes one new session of a bucket in 5 s; the rest is for what requests need to get there. */
const BETWEEN_MS = 6_000;
const ASK_EVERY_MS = 500;

export interface IdentifyThrottlerOptions {
  readonly leases: Leases;
  readonly token: string;
  /** Discord's `max_concurrency`: shards whose numbers leave the same remainder share a bucket. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Lets the shards of all processes with one token begin new sessions one after the other: each holds a lease that runs out. */
export class LeasedIdentifyThrottler implements IIdentifyThrottler {
  readonly #options: IdentifyThrottlerOptions;

  constructor(options: IdentifyThrottlerOptions) {
    this.#options = options;
  }

  /** @throws `signal.reason` on abort */
  async waitForIdentify(shardId: number, signal: AbortSignal): Promise<void> {
    const { leases, token, concurrency, clock, log } = this.#options;
    const name = `${botKey(token)}/identify/${shardId % concurrency}`;
    // The same owner would be given it again at once.
    const owner = randomUUID();
    for (;;) {
      signal.throwIfAborted();
      const taken = await leases.take(name, owner, BETWEEN_MS).catch((error: unknown) => {
        log.debug({ lease: name, err: error }, 'a lease could not be asked for');
        return false;
      });
      if (taken) return;
      await clock.sleep(ASK_EVERY_MS, signal);
    }
  }
}
