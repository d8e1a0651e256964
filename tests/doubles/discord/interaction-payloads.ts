import { channelType, renderMember, renderMessage, renderUser } from './render.js';
import type { DoubleChannel, DoubleInteraction, DoubleMessage, DoubleUser, World } from './world.js';

const VIEW_CHANNEL = 1n << 10n;
const SEND_MESSAGES = 1n << 11n;
const READ_HISTORY = 1n << 16n;
const SEND_IN_THREADS = 1n << 38n;

const TYPE = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

export interface InteractionDetails {
  readonly data: Readonly<Record<string, unknown>>;
  readonly locale: string;
  /** The member's permissions, as Discord's decimal bit field. */
  readonly permissions: string;
  readonly message?: DoubleMessage;
}

/** The INTERACTION_CREATE of an interaction. */
export function renderInteraction(
  world: World,
  interaction: DoubleInteraction,
  channel: DoubleChannel,
  user: DoubleUser,
  details: InteractionDetails,
): Record<string, unknown> {
  const inGuild = channel.guildId !== null;
  const person = inGuild
    ? {
        guild_id: channel.guildId,
        guild: { id: channel.guildId, locale: 'en-US', features: [] },
        member: { user: renderUser(user), ...renderMember(user), permissions: details.permissions },
      }
    : { user: renderUser(user) };
  const mayPost = world.botIsIn(channel) && channel.refuses === null;
  const permissions = mayPost ? VIEW_CHANNEL | SEND_MESSAGES | READ_HISTORY | SEND_IN_THREADS : 0n;
  return {
    id: interaction.id,
    application_id: world.bot.id,
    type: TYPE[interaction.kind],
    token: interaction.token,
    version: 1,
    channel_id: channel.id,
    channel: {
      id: channel.id,
      type: channelType(channel),
      name: channel.name,
      ...(channel.parentId === null ? {} : { parent_id: channel.parentId }),
    },
    app_permissions: String(permissions),
    locale: details.locale,
    entitlements: [],
    attachment_size_limit: 10_485_760,
    authorizing_integration_owners:
      interaction.install === 'user' ? { '1': user.id } : { '0': channel.guildId ?? '0' },
    context: inGuild ? 0 : channel.kind === 'dm' ? 1 : 2,
    data: details.data,
    ...person,
    ...(details.message ? { message: renderMessage(world, details.message, true) } : {}),
  };
}
