import { z } from 'zod';
import type { KeyValueStore } from '../../../src/ports/settings/key-value-store.js';
import { botKey } from '../rest/bot-key.js';
import { UnreadChannel } from './gap.js';

/** One of the connections that Discord spreads a bot's servers over. */
export interface ShardId {
  readonly id: number;
  readonly count: number;
}

const Checkpoint = z.object({
  bot: z.object({ userId: z.string(), applicationId: z.string() }),
  /** Null where there is none to resume. */
  session: z.object({ sessionId: z.string(), resumeUrl: z.string(), sequence: z.number() }).nullable(),
  /** Milliseconds since 1970: all that Discord sent before was handled. */
  handledUntil: z.number(),
  /** What was said since then was not heard, and which channels are to be read for it was not known; else null. */
  missedSince: z.number().nullable(),
  /** What was said since then was not heard in servers that Discord had yet to list; null: it had listed all. */
  listedSince: z.number().nullable().default(null),
  /** Channels that were still to be read, by their ids. */
  unread: z.record(z.string(), UnreadChannel).default({}),
});

/** What a process that takes over needs to go on where the last one stopped. */
export type Checkpoint = z.infer<typeof Checkpoint>;

/** Keeps the checkpoint of a shard. A bot of another token has others. */
export class CheckpointStore {
  readonly #facts: KeyValueStore;
  readonly #key: string;

  constructor(facts: KeyValueStore, token: string, { id, count }: ShardId) {
    this.#facts = facts;
    this.#key = `${botKey(token)}/checkpoint/${id}-of-${count}`;
  }

  /** @returns null where there is none, or another version wrote it */
  async read(): Promise<Checkpoint | null> {
    const text = await this.#facts.get(this.#key);
    if (text === null) return null;
    try {
      return Checkpoint.safeParse(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  }

  write(checkpoint: Checkpoint): Promise<void> {
    return this.#facts.set(this.#key, JSON.stringify(checkpoint));
  }
}
