import {
  type APIInteraction,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import type { Author } from '../../../src/domain/address.js';
import type { Language } from '../../../src/domain/settings.js';
import {
  type InteractionTarget,
  type MessageTarget,
  TOKEN_LIFE_MS,
  USER_INSTALL_FOLLOW_UPS,
} from '../delivery/target.js';
import { nameOf } from './heard-message.js';

/** Who used an interaction. */
export function authorOf(interaction: APIInteraction): Author {
  const user = interaction.member?.user ?? interaction.user;
  if (!user) throw new TypeError('an interaction without a user');
  return { key: `discord/${user.id}`, name: interaction.member?.nick ?? nameOf(user), id: user.id };
}

/** The language of the person's own client. */
export function languageOfPerson(interaction: APIInteraction): Language {
  const locale: string = 'locale' in interaction ? interaction.locale : 'en-US';
  return locale.startsWith('zh') ? 'zh' : 'en';
}

/** Whether the person may manage the channel; in a direct message everyone may. */
export function mayManage(interaction: APIInteraction): boolean {
  if (!interaction.member) return interaction.context !== InteractionContextType.PrivateChannel;
  const { ManageChannels, ManageGuild, Administrator } = PermissionFlagsBits;
  return hasAny(interaction.member.permissions, ManageChannels | ManageGuild | Administrator);
}

/** Whether the bot may write in the channel as itself, without the interaction's token. */
export function botMayPost(interaction: APIInteraction): boolean {
  const isMember =
    ApplicationIntegrationType.GuildInstall in (interaction.authorizing_integration_owners ?? {}) ||
    interaction.context === InteractionContextType.BotDM;
  const { ViewChannel, SendMessages, SendMessagesInThreads, Administrator } = PermissionFlagsBits;
  const may = (permission: bigint) => hasAny(interaction.app_permissions, permission | Administrator);
  const inThread = [10, 11, 12].includes(interaction.channel?.type ?? 0);
  return isMember && may(ViewChannel) && may(inThread ? SendMessagesInThreads : SendMessages);
}

/** Where the reply to an interaction goes while its token lives. */
export function interactionTarget(interaction: APIInteraction, channelId: string): InteractionTarget {
  const userInstalled = !(
    ApplicationIntegrationType.GuildInstall in (interaction.authorizing_integration_owners ?? {})
  );
  return {
    platform: 'discord',
    type: 'interaction',
    applicationId: interaction.application_id,
    interactionId: interaction.id,
    awaited: true,
    credential: { token: interaction.token, expiresAt: createdAt(interaction.id) + TOKEN_LIFE_MS },
    channelId,
    mayPost: botMayPost(interaction),
    followUps: userInstalled ? USER_INSTALL_FOLLOW_UPS : null,
    askerId: authorOf(interaction).id,
    language: languageOfPerson(interaction),
  };
}

/** Where it goes where Discord no longer takes an acknowledgement. */
export function channelTarget(interaction: APIInteraction, channelId: string): MessageTarget {
  return {
    platform: 'discord',
    type: 'message',
    channelId,
    messageId: null,
    askerId: authorOf(interaction).id,
    language: languageOfPerson(interaction),
  };
}

export function interactionKey({ application_id, id }: APIInteraction): string {
  return `discord/${application_id}/interaction/${id}`;
}

const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** Milliseconds since 1970, from the upper bits of a snowflake. */
function createdAt(snowflake: string): number {
  return Number(BigInt(snowflake) >> 22n) + DISCORD_EPOCH_MS;
}

function hasAny(permissions: string | undefined, wanted: bigint): boolean {
  return (BigInt(permissions ?? '0') & wanted) !== 0n;
}
