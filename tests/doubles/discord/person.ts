import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { EventLog } from './event-log.js';
import type { GatewayServer } from './gateway-server.js';
import { type InteractionDetails, renderInteraction } from './interaction-payloads.js';
import { channelType, renderMember, renderMessage } from './render.js';
import type { DoubleChannel, DoubleInteraction, DoubleMessage, DoubleUser, World } from './world.js';

export interface Saying {
  readonly mention?: boolean;
  readonly replyTo?: DoubleMessage;
  /** False: the reply does not ping the author it answers. */
  readonly replyPings?: boolean;
  readonly attachments?: readonly { name: string; type: string }[];
  readonly stickers?: readonly string[];
  readonly forwarded?: string;
  /** Another app's webhook writes this. */
  readonly webhookId?: string;
  /** How often the gateway delivers it. */
  readonly deliveries?: number;
  /** Left out of MESSAGE_CREATE where false, as Discord does for some. */
  readonly channelType?: boolean;
}

export interface Using {
  readonly install?: 'guild' | 'user';
  readonly locale?: string;
  readonly mayManage?: boolean;
  readonly deliveries?: number;
}

const Components = z.array(
  z.looseObject({ components: z.array(z.looseObject({ custom_id: z.string().optional() })) }),
);
const MANAGE_CHANNELS = '16';

/** Someone with a Discord client. */
export class Person {
  readonly user: DoubleUser;
  readonly #world: World;
  readonly #gateway: GatewayServer;
  readonly #log: EventLog;
  readonly #ending: AbortSignal;

  constructor(world: World, gateway: GatewayServer, log: EventLog, user: DoubleUser, ending: AbortSignal) {
    this.#world = world;
    this.#gateway = gateway;
    this.#log = log;
    this.user = user;
    this.#ending = ending;
  }

  get id(): string {
    return this.user.id;
  }

  /** Writes a message; `mention` puts the bot's mention before it. */
  say(channel: DoubleChannel, text: string, saying: Saying = {}): DoubleMessage {
    const { mention = false, replyTo, replyPings = true } = saying;
    const message = this.#world.addMessage({
      channelId: channel.id,
      authorId: this.user.id,
      content: mention ? `<@${this.#world.bot.id}> ${text}` : text,
      referenceId: replyTo?.id ?? null,
      attachments: saying.attachments ?? [],
      stickers: saying.stickers ?? [],
      forwarded: saying.forwarded ?? null,
      webhookId: saying.webhookId ?? null,
      allowedMentions: replyPings ? null : { parse: ['users'], replied_user: false },
    });
    this.#announce('MESSAGE_CREATE', channel, message, saying);
    return message;
  }

  editMessage(message: DoubleMessage, text: string): void {
    const channel = this.#channelOf(message);
    message.content = text;
    message.editedAt = this.#world.clock.now();
    message.versions.push(text);
    this.#announce('MESSAGE_UPDATE', channel, message, {});
  }

  deleteMessage(message: DoubleMessage): void {
    message.deleted = true;
    const { guildId } = this.#channelOf(message);
    const guild = guildId === null ? {} : { guild_id: guildId };
    this.#gateway.dispatch('MESSAGE_DELETE', { id: message.id, channel_id: message.channelId, ...guild });
  }

  /** Uses a slash command. Options by their Discord names. */
  useCommand(
    channel: DoubleChannel,
    name: string,
    options: Readonly<Record<string, string | number | boolean>> = {},
    using: Using = {},
  ): DoubleInteraction {
    const data = { id: this.#world.snowflake(), type: 1, name, options: optionValues(options) };
    return this.#interact('command', channel, data, using);
  }

  /** Types into an option that completes. */
  autocomplete(
    channel: DoubleChannel,
    name: string,
    option: string,
    typed: string,
    using: Using = {},
  ): DoubleInteraction {
    const options = [{ name: option, type: 3, value: typed, focused: true }];
    const data = { id: this.#world.snowflake(), type: 1, name, options };
    return this.#interact('autocomplete', channel, data, using);
  }

  /** Apps → a command on a message. */
  useOnMessage(message: DoubleMessage, name: string, using: Using = {}): DoubleInteraction {
    const channel = this.#channelOf(message);
    const resolved = { messages: { [message.id]: renderMessage(this.#world, message, true) } };
    const data = { id: this.#world.snowflake(), type: 3, name, target_id: message.id, resolved };
    return this.#interact('command', channel, data, using);
  }

  /** Fills in a modal the bot opened, its fields by custom id, and sends it. */
  submitModal(
    opened: DoubleInteraction,
    fields: Readonly<Record<string, string>>,
    using: Using = {},
  ): DoubleInteraction {
    const channel = this.#world.channels.get(opened.channelId);
    if (!channel) throw new Error('no such channel');
    const { custom_id } = z.looseObject({ custom_id: z.string() }).parse(opened.data);
    const components = Object.entries(fields).map(([id, value]) => ({
      type: 1,
      components: [{ type: 4, custom_id: id, value }],
    }));
    const install = using.install ?? opened.install;
    return this.#interact('modal', channel, { custom_id, components }, { ...using, install });
  }

  /** Presses the button whose custom id, label or emoji contains `which`. */
  pressButton(message: DoubleMessage, which: string, using: Using = {}): DoubleInteraction {
    const buttons = Components.parse(message.components).flatMap((row) => row.components);
    const button = buttons.find((candidate) => JSON.stringify(candidate).includes(which));
    if (!button?.custom_id) throw new Error(`no button ${which} under message ${message.id}`);
    return this.pressCustomId(message, button.custom_id, using);
  }

  /** Presses a button that may not exist, as a hostile client could. */
  pressCustomId(message: DoubleMessage, customId: string, using: Using = {}): DoubleInteraction {
    const data = { component_type: 2, custom_id: customId };
    return this.#interact('component', this.#channelOf(message), data, using, message);
  }

  #interact(
    kind: DoubleInteraction['kind'],
    channel: DoubleChannel,
    data: Readonly<Record<string, unknown>>,
    using: Using,
    message?: DoubleMessage,
  ): DoubleInteraction {
    const interaction: DoubleInteraction = {
      id: this.#world.snowflake(),
      token: randomBytes(40).toString('base64url'),
      kind,
      userId: this.user.id,
      channelId: channel.id,
      install: using.install ?? 'guild',
      createdAt: this.#world.clock.now(),
      sourceMessageId: message?.id ?? null,
      acknowledged: null,
      givenUp: false,
      originalId: null,
      followUps: 0,
      data: undefined,
    };
    this.#world.interactions.set(interaction.id, interaction);
    const details: InteractionDetails = {
      data,
      locale: using.locale ?? 'en-US',
      permissions: using.mayManage ? MANAGE_CHANNELS : '0',
      ...(message ? { message } : {}),
    };
    const payload = renderInteraction(this.#world, interaction, channel, this.user, details);
    this.#gateway.dispatch('INTERACTION_CREATE', payload, using.deliveries ?? 1);
    void this.#expectAcknowledgement(interaction);
    return interaction;
  }

  /** Three seconds, less what this process itself was kept from running: a busy machine is not the bot's fault. */
  async #expectAcknowledgement(interaction: DoubleInteraction): Promise<void> {
    try {
      for (let looks = 0; looks < 3_000 / LOOK_MS; looks++) {
        await this.#world.clock.sleep(LOOK_MS, this.#ending);
        if (interaction.acknowledged !== null) return;
      }
      interaction.givenUp = true;
      this.#log.add({ type: 'interaction-failed', interactionId: interaction.id });
    } catch {
      // The double ends.
    }
  }

  #announce(event: string, channel: DoubleChannel, message: DoubleMessage, saying: Saying): void {
    const type = saying.channelType === false ? {} : { channel_type: channelType(channel) };
    const guild =
      channel.guildId === null ? {} : { guild_id: channel.guildId, member: renderMember(this.user) };
    const body = renderMessage(this.#world, message, this.#gateway.readsContent);
    this.#gateway.dispatch(event, { ...body, ...type, ...guild }, saying.deliveries ?? 1);
  }

  #channelOf(message: DoubleMessage): DoubleChannel {
    const channel = this.#world.channels.get(message.channelId);
    if (!channel) throw new Error(`no channel ${message.channelId}`);
    return channel;
  }
}

const LOOK_MS = 100;

const OPTION_TYPE = { string: 3, boolean: 5, number: 10 } as const;

function optionValues(options: Readonly<Record<string, string | number | boolean>>): readonly unknown[] {
  return Object.entries(options).map(([name, value]) => {
    const type = Number.isInteger(value) ? 4 : OPTION_TYPE[typeof value as 'string' | 'boolean' | 'number'];
    return { name, type, value };
  });
}
