import type { GatewayDispatchPayload } from 'discord.js';
import { GatewayDispatchEvents } from 'discord.js';
import { LRUCache } from 'lru-cache';

export interface ListedChannel {
  readonly type: number;
  readonly parentId: string | null;
  readonly name: string | undefined;
}

interface RawChannel {
  readonly id: string;
  readonly type: number;
  readonly parent_id?: string | null;
  readonly name?: string | null;
}

/** Channels and roles kept at most: a few hundred bytes each. */
const MOST_CHANNELS = 100_000;
const MOST_ROLES = 50_000;

/** What the gateway told of channels and roles. After a session that was resumed by a new process: nothing yet. */
export class GuildDirectory {
  readonly #channels = new LRUCache<string, ListedChannel>({ max: MOST_CHANNELS });
  readonly #roles = new LRUCache<string, string>({ max: MOST_ROLES });

  /** By shard, as Discord told when it was connected. A session resumed by a new process is told of none. */
  readonly #guilds = new Map<number, Set<string>>();

  /** Guilds the bot is in; null where Discord has not told. */
  get guilds(): number | null {
    if (this.#guilds.size === 0) return null;
    return [...this.#guilds.values()].reduce((sum, guilds) => sum + guilds.size, 0);
  }

  channel(id: string): ListedChannel | undefined {
    return this.#channels.get(id);
  }

  roleName(id: string): string | undefined {
    return this.#roles.get(id);
  }

  /** Takes up what an event says of a guild; other events are passed over. */
  hear({ t, d }: GatewayDispatchPayload, shard = 0): void {
    switch (t) {
      case GatewayDispatchEvents.Ready:
        this.#guilds.set(shard, new Set(d.guilds.map(({ id }) => id)));
        return;
      case GatewayDispatchEvents.GuildDelete:
        // One that is unavailable is a guild still: Discord has trouble with it.
        if (d.unavailable !== true) this.#guilds.get(shard)?.delete(d.id);
        return;
      case GatewayDispatchEvents.GuildCreate:
        this.#guilds.get(shard)?.add(d.id);
        if (d.unavailable === true) return;
        for (const channel of [...d.channels, ...d.threads]) this.#keep(channel);
        for (const { id, name } of d.roles) this.#roles.set(id, name);
        return;
      case GatewayDispatchEvents.GuildRoleCreate:
      case GatewayDispatchEvents.GuildRoleUpdate:
        this.#roles.set(d.role.id, d.role.name);
        return;
      case GatewayDispatchEvents.ChannelCreate:
      case GatewayDispatchEvents.ChannelUpdate:
      case GatewayDispatchEvents.ThreadCreate:
      case GatewayDispatchEvents.ThreadUpdate:
        this.#keep(d);
        return;
      case GatewayDispatchEvents.ThreadListSync:
        for (const thread of d.threads) this.#keep(thread);
        return;
      case GatewayDispatchEvents.ChannelDelete:
      case GatewayDispatchEvents.ThreadDelete:
        this.#channels.delete(d.id);
        return;
      default:
    }
  }

  #keep({ id, type, parent_id, name }: RawChannel): void {
    this.#channels.set(id, { type, parentId: parent_id ?? null, name: name ?? undefined });
  }
}
