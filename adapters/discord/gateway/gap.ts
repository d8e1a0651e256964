import { z } from 'zod';
import { laterId } from './snowflake.js';

export const UnreadChannel = z.object({
  workspace: z.string(),
  /** The id of a message: all up to it was handled. */
  after: z.string(),
  /** The id of the first message that was heard since and left to be read with the others; null: none was. */
  heard: z.string().nullable(),
  /** The id of the newest message that was recorded: people were told what became of nearly all up to it. */
  recorded: z.string().default('0'),
});
export type UnreadChannel = Readonly<z.infer<typeof UnreadChannel>>;

export interface StoredGap {
  readonly missedSince: number | null;
  readonly listedSince: number | null;
  readonly unread: Readonly<Record<string, UnreadChannel>>;
}

/** What a shard did not hear and is still to be read. Part of its checkpoint, so that it outlives processes. */
export class Gap {
  #since: number | null;
  readonly #unread: Map<string, UnreadChannel>;
  /** Channels that the last plan looked at. */
  #planned: ReadonlySet<string> = new Set();
  #listedSince: number | null;
  /** Servers that Discord has yet to list; null: another process knew which. */
  #awaited: Set<string> | null = null;
  #others = 0;

  constructor(stored: StoredGap | null) {
    this.#since = stored?.missedSince ?? null;
    this.#listedSince = stored?.listedSince ?? null;
    this.#unread = new Map(Object.entries(stored?.unread ?? {}));
  }

  /** Milliseconds since 1970 of what was not heard, where the channels to be read are not known yet; else null. */
  get since(): number | null {
    return this.#since;
  }

  /** Nothing of it is left to be read, as far as is known. */
  get closed(): boolean {
    return this.#since === null && this.#unread.size === 0;
  }

  get stored(): StoredGap {
    const unread = Object.fromEntries(this.#unread);
    return { missedSince: this.#since, listedSince: this.#listedSince, unread };
  }

  get channels(): readonly string[] {
    return [...this.#unread.keys()];
  }

  /** Channels added with `add` since the gap began. */
  get others(): number {
    return this.#others;
  }

  channel(id: string): UnreadChannel | undefined {
    return this.#unread.get(id);
  }

  /**
   * Nothing that was said since then was heard.
   *
   * @param since - milliseconds since 1970; 0 where the bot listens for the first time
   * @param guildIds - servers that Discord is about to list
   */
  begin(since: number, guildIds: readonly string[]): void {
    this.#since = Math.min(since, this.#since ?? since);
    this.#others = 0;
    this.#awaited = new Set(since === 0 ? [] : guildIds);
    this.#listedSince = this.#awaited.size === 0 ? null : Math.min(since, this.#listedSince ?? since);
  }

  /** Takes note that Discord listed a server. @returns since when its channels were not heard; null: they were */
  listed(guildId: string): number | null {
    const since = this.#listedSince;
    if (this.#awaited === null) return since;
    if (!this.#awaited.delete(guildId)) return null;
    if (this.#awaited.size === 0) this.#listedSince = null;
    return since;
  }

  /** All that Discord had sent of a session that another process began has come. */
  resumed(): void {
    if (this.#awaited === null) this.#listedSince = null;
  }

  /** These channels are to be read, besides those of an earlier gap. */
  plan(channels: ReadonlyMap<string, Pick<UnreadChannel, 'workspace' | 'after' | 'recorded'>>): void {
    for (const [id, { workspace, after, recorded }] of channels) {
      const known = this.#unread.get(id);
      const earlier = known && BigInt(known.after) < BigInt(after) ? known.after : after;
      this.#unread.set(id, { workspace, after: earlier, heard: known?.heard ?? null, recorded });
    }
    this.#planned = new Set(channels.keys());
    this.#since = null;
  }

  /** Whether a channel was, or is to be, read for this gap. */
  has(channelId: string): boolean {
    return this.#planned.has(channelId) || this.#unread.has(channelId);
  }

  /** One more channel is to be read. */
  add(channelId: string, workspace: string, after: string): void {
    this.#unread.set(channelId, { workspace, after, heard: null, recorded: '0' });
    this.#others += 1;
  }

  /** A message came that is to be read with what was missed before it, as far as its channel is not read yet. */
  hear(channelId: string, messageId: string): void {
    const known = this.#unread.get(channelId);
    if (!known) return;
    const heard =
      known.heard !== null && laterId(known.heard, messageId) === messageId ? known.heard : messageId;
    this.#unread.set(channelId, { ...known, heard });
  }

  /** @param as - what was read of it: a gap that came in between leaves it unread */
  read(channelId: string, as: UnreadChannel): void {
    if (this.#unread.get(channelId) === as) this.#unread.delete(channelId);
  }
}
