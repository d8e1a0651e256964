import {
  type APIRole,
  ChannelType,
  type GatewayGuildCreateDispatchData,
  OverwriteType,
  PermissionFlagsBits,
} from 'discord.js';
import { laterId, snowflakeAt } from '../gateway/snowflake.js';

/** A channel in which something was said. */
export interface ListedChannel {
  readonly id: string;
  /** The id of a message: nothing up to it is of interest. */
  readonly after: string;
}

type Guild = GatewayGuildCreateDispatchData;
type Channel = Guild['channels'][number];

/** Of these, what is listed as the last message is a thread. */
const HOLD_THREADS: ReadonlySet<number> = new Set([ChannelType.GuildForum, ChannelType.GuildMedia]);

/**
 * Channels and threads of a server, as Discord lists it at the begin of a session, in which something was said that the
 * bot may read; those spoken in last first.
 *
 * @param since - milliseconds since 1970
 */
export function heardOf(guild: Guild, botId: string, since: number): ListedChannel[] {
  // What was said before it came is not for the bot.
  const after = snowflakeAt(Math.max(since, Date.parse(guild.joined_at) || 0));
  const readable = new Set(
    guild.channels.filter((channel) => mayRead(guild, channel, botId)).map(({ id }) => id),
  );
  return [...guild.channels, ...guild.threads]
    .flatMap((channel) => {
      const { id, type } = channel;
      const place = 'thread_metadata' in channel ? channel.parent_id : id;
      const last = ('last_message_id' in channel && channel.last_message_id) || '0';
      const heard = !HOLD_THREADS.has(type) && BigInt(last) > BigInt(after);
      return heard && place && readable.has(place) ? [{ id, after, last }] : [];
    })
    .sort((a, b) => (laterId(a.last, b.last) === a.last ? -1 : 1))
    .map(({ id }) => ({ id, after }));
}

const { Administrator, ViewChannel, ReadMessageHistory } = PermissionFlagsBits;
const NEEDED = ViewChannel | ReadMessageHistory;

/** Discord's rules for roles and overwrites; true where it did not say enough to tell. */
function mayRead(guild: Guild, channel: Channel, userId: string): boolean {
  const me = guild.members.find(({ user }) => user?.id === userId);
  if (!me || guild.owner_id === userId) return true;
  const mine: ReadonlySet<string> = new Set([guild.id, ...me.roles]);
  let allowed = permissionsOf(guild.roles.filter(({ id }) => mine.has(id)));
  if ((allowed & Administrator) !== 0n) return true;
  const overwrites = ('permission_overwrites' in channel && channel.permission_overwrites) || [];
  const everyone = overwrites.filter(({ id }) => id === guild.id);
  const roles = overwrites.filter(
    ({ id, type }) => type === OverwriteType.Role && id !== guild.id && mine.has(id),
  );
  const own = overwrites.filter(({ id, type }) => type === OverwriteType.Member && id === userId);
  for (const group of [everyone, roles, own]) {
    for (const { deny } of group) allowed &= ~BigInt(deny);
    for (const { allow } of group) allowed |= BigInt(allow);
  }
  return (allowed & NEEDED) === NEEDED;
}

function permissionsOf(roles: readonly APIRole[]): bigint {
  return roles.reduce((all, { permissions }) => all | BigInt(permissions), 0n);
}
