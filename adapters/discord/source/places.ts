import { type APIInteraction, ChannelType, Routes } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Address } from '../../../src/domain/address.js';
import type { GuildDirectory } from '../gateway/guild-directory.js';
import type { DiscordSender } from '../rest/sender.js';
import type { Names } from './heard-message.js';

const THREADS: ReadonlySet<number> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);

const Channel = z.object({ type: z.number(), parent_id: z.string().nullish() });
type Channel = z.infer<typeof Channel>;

/** Longest a look at an unknown channel may hold up a message. */
const LOOK_PATIENCE_MS = 2_000;

export interface PlacesOptions {
  /** Knows most channels. */
  readonly directory: GuildDirectory;
  readonly sender: DiscordSender;
  readonly signal: AbortSignal;
}

/** Which channels are threads, and what things are called. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #looked = new LRUCache<string, Channel>({ max: 5_000 });

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** The address of a channel that a message came from. */
  async addressOf(app: string, guildId: string | null, channelId: string): Promise<Address> {
    const base = { platform: 'discord', app, workspace: guildId ?? '-', channel: channelId } as const;
    if (guildId === null) return { ...base, kind: 'direct' };
    const channel = this.#listed(channelId) ?? (await this.#look(channelId));
    return addressIn(base, channel);
  }

  /** The address of an interaction, which brings its channel along; null where Discord left it out. */
  addressOfInteraction({ application_id: app, guild_id, channel }: APIInteraction): Address | null {
    if (!channel) return null;
    const base = { platform: 'discord', app, workspace: guild_id ?? '-', channel: channel.id } as const;
    if (channel.type === ChannelType.DM) return { ...base, kind: 'direct' };
    const parent_id = 'parent_id' in channel ? channel.parent_id : null;
    return addressIn(base, { type: channel.type, parent_id });
  }

  names(): Names {
    const { directory } = this.#options;
    return {
      role: (id) => directory.roleName(id),
      channel: (id) => directory.channel(id)?.name,
    };
  }

  #listed(channelId: string): Channel | undefined {
    const channel = this.#options.directory.channel(channelId);
    return channel ? { type: channel.type, parent_id: channel.parentId } : this.#looked.get(channelId);
  }

  /** Asks Discord; taken for an ordinary channel where it does not answer. */
  async #look(channelId: string): Promise<Channel> {
    const { sender, signal } = this.#options;
    try {
      const request = {
        method: 'GET',
        route: Routes.channel(channelId),
        patienceMs: LOOK_PATIENCE_MS,
      } as const;
      const channel = Channel.parse(await sender.send(request, signal));
      this.#looked.set(channelId, channel);
      return channel;
    } catch {
      return { type: ChannelType.GuildText };
    }
  }
}

type Base = Pick<Address, 'platform' | 'app' | 'workspace' | 'channel'>;

function addressIn(base: Base, channel: Channel): Address {
  if (!THREADS.has(channel.type)) return { ...base, kind: 'channel' };
  const { parent_id: parent } = channel;
  return { ...base, kind: 'thread', ...(typeof parent === 'string' ? { parent } : {}) };
}
