import type { DoubleChannel, DoubleGuild, DoubleMessage, DoubleUser, World } from './world.js';

/** Discord says "the past few minutes". */
export const NONCE_MEMORY_MS = 3 * 60_000;

/** Discord's JSON of each thing in the world. */
export function renderUser(user: DoubleUser): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    global_name: user.displayName,
    discriminator: '0',
    avatar: null,
    public_flags: 0,
    flags: 0,
    primary_guild: null,
    ...(user.bot ? { bot: true } : {}),
  };
}

export function renderMember(user: DoubleUser): Record<string, unknown> {
  return {
    nick: user.nick ?? null,
    avatar: null,
    banner: null,
    roles: [],
    joined_at: '2025-01-01T00:00:00.000Z',
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    communication_disabled_until: null,
  };
}

const VIEW_CHANNEL = String(1 << 10);
/** To view channels, send messages and read the history. */
const COMMON = String((1 << 10) | (1 << 11) | (1 << 16));

const CHANNEL_TYPE = { text: 0, dm: 1, group: 3, thread: 11 } as const;

export function channelType(channel: DoubleChannel): number {
  return CHANNEL_TYPE[channel.kind];
}

export function renderChannel(world: World, channel: DoubleChannel): Record<string, unknown> {
  const last_message_id = world.history(channel.id).at(-1)?.id ?? null;
  const base = { id: channel.id, type: channelType(channel), flags: 0, last_message_id };
  if (channel.kind === 'dm' || channel.kind === 'group') {
    const recipient = world.users.get(channel.recipient ?? '') ?? world.bot;
    const group = { name: channel.name, icon: null, owner_id: recipient.id };
    return { ...base, ...(channel.kind === 'group' ? group : {}), recipients: [renderUser(recipient)] };
  }
  const placed = { ...base, guild_id: channel.guildId, name: channel.name, parent_id: channel.parentId };
  // Who may not even look at a channel is told of it all the same.
  const hidden = { id: channel.guildId, type: 0, allow: '0', deny: VIEW_CHANNEL };
  const permission_overwrites = channel.refuses === 50001 ? [hidden] : [];
  if (channel.kind === 'text') return { ...placed, position: 0, permission_overwrites, nsfw: false };
  return {
    ...placed,
    owner_id: world.bot.id,
    message_count: 0,
    member_count: 1,
    total_message_sent: 0,
    rate_limit_per_user: 0,
    thread_metadata: {
      archived: channel.archived,
      archive_timestamp: new Date(world.clock.now()).toISOString(),
      auto_archive_duration: 1440,
      locked: channel.locked,
      create_timestamp: new Date(world.clock.now()).toISOString(),
    },
  };
}

export function renderGuild(world: World, guild: DoubleGuild): Record<string, unknown> {
  const channels = [...world.channels.values()].filter(
    ({ guildId, deleted, announced }) => guildId === guild.id && !deleted && announced,
  );
  return {
    id: guild.id,
    name: guild.name,
    owner_id: [...world.users.values()].find(({ bot }) => !bot)?.id ?? world.bot.id,
    unavailable: false,
    large: false,
    member_count: world.users.size,
    joined_at: '2025-01-01T00:00:00.000Z',
    preferred_locale: 'en-US',
    roles: guild.roles.map((role, position) => ({ ...role, position, permissions: COMMON, color: 0 })),
    channels: channels.filter(({ kind }) => kind === 'text').map((channel) => renderChannel(world, channel)),
    threads: channels.filter(({ kind }) => kind === 'thread').map((channel) => renderChannel(world, channel)),
    members: [{ user: renderUser(world.bot), ...renderMember(world.bot) }],
    emojis: [],
    stickers: [],
    features: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** Ids of the users a text names, the replied-to author first where they were pinged. */
function mentionedUsers(world: World, message: DoubleMessage): DoubleUser[] {
  const ids = [...message.content.matchAll(/<@!?(\d+)>/g)].map((match) => match[1] ?? '');
  const replied = message.referenceId === null ? undefined : world.messages.get(message.referenceId);
  if (replied && message.allowedMentions?.replied_user !== false) ids.unshift(replied.authorId);
  return [...new Set(ids)].flatMap((id) => world.users.get(id) ?? []);
}

/**
 * @param readable - false strips what the message-content intent would show, unless the message is the bot's,
 *   direct, or mentions the bot
 */
export function renderMessage(
  world: World,
  message: DoubleMessage,
  readable: boolean,
  nested = false,
): Record<string, unknown> {
  const author = world.users.get(message.authorId) ?? world.bot;
  const mentions = mentionedUsers(world, message);
  const channel = world.channels.get(message.channelId);
  const open =
    readable ||
    author === world.bot ||
    channel?.guildId === null ||
    mentions.some((user) => user === world.bot);
  const replied = message.referenceId === null ? undefined : world.messages.get(message.referenceId);
  const interaction =
    message.interactionId === null ? undefined : world.interactions.get(message.interactionId);
  return {
    id: message.id,
    channel_id: message.channelId,
    type: message.loading ? 20 : replied ? 19 : 0,
    author: renderUser(author),
    content: open ? message.content : '',
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: message.editedAt === null ? null : new Date(message.editedAt).toISOString(),
    tts: false,
    pinned: false,
    mention_everyone: /@(everyone|here)\b/.test(message.content),
    mentions: mentions.map(renderUser),
    mention_roles: [...message.content.matchAll(/<@&(\d+)>/g)].map((match) => match[1]),
    attachments: open ? message.attachments.map((file, index) => renderAttachment(message, file, index)) : [],
    embeds: [],
    components: open ? message.components : [],
    flags: message.flags | (message.ephemeral ? 64 : 0) | (message.loading ? 128 : 0),
    ...(message.stickers.length > 0 && open
      ? { sticker_items: message.stickers.map((name) => ({ id: message.id, name, format_type: 1 })) }
      : {}),
    // "Not stored long term": it is gone when it is no longer enforced.
    ...(message.nonce === null || world.clock.now() - message.createdAt > NONCE_MEMORY_MS
      ? {}
      : { nonce: message.nonce }),
    ...(message.webhookId === null ? {} : { webhook_id: message.webhookId }),
    ...(message.forwarded === null
      ? {}
      : {
          message_reference: { type: 1, channel_id: message.channelId, message_id: message.id },
          message_snapshots: [{ message: snapshot(message, open) }],
        }),
    ...(interaction
      ? {
          application_id: world.bot.id,
          webhook_id: world.bot.id,
          interaction_metadata: {
            id: interaction.id,
            type: 2,
            user: renderUser(world.users.get(interaction.userId) ?? world.bot),
            authorizing_integration_owners: {},
            ...(message.originalId === null ? {} : { original_response_message_id: message.originalId }),
          },
        }
      : {}),
    ...(replied
      ? {
          message_reference: { type: 0, channel_id: replied.channelId, message_id: replied.id },
          ...(nested
            ? {}
            : { referenced_message: replied.deleted ? null : renderMessage(world, replied, readable, true) }),
        }
      : {}),
  };
}

function snapshot(message: DoubleMessage, open: boolean): Record<string, unknown> {
  return {
    type: 0,
    content: open ? (message.forwarded ?? '') : '',
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: null,
    flags: 0,
    components: [],
  };
}

function renderAttachment(
  message: DoubleMessage,
  file: { name: string; type: string },
  index: number,
): Record<string, unknown> {
  const url = `https://cdn.discordapp.com/attachments/${message.channelId}/${message.id}/${index}`;
  return {
    id: (BigInt(message.id) + BigInt(index)).toString(),
    filename: file.name,
    content_type: file.type,
    size: 1024,
    url,
    proxy_url: url,
  };
}
