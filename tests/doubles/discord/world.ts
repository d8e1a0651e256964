import type { Clock } from '../../../src/ports/process/clock.js';
import type { AllowedMentions } from './mentions.js';

export interface DoubleUser {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly bot: boolean;
  /** Nickname in the guilds of this world. */
  readonly nick?: string;
}

interface DoubleRole {
  readonly id: string;
  readonly name: string;
}

export interface DoubleGuild {
  readonly id: string;
  readonly name: string;
  readonly roles: DoubleRole[];
  /** False where only a person installed the app: no events, no REST access. */
  readonly hasBot: boolean;
}

export interface DoubleChannel {
  readonly id: string;
  readonly kind: 'text' | 'thread' | 'dm' | 'group';
  readonly name: string;
  readonly guildId: string | null;
  /** Of a thread. */
  readonly parentId: string | null;
  readonly recipient: string | null;
  archived: boolean;
  locked: boolean;
  /** The code every attempt to write is refused with: 50013, 50001, 160002 (no replies), … */
  refuses: number | null;
  deleted: boolean;
  /** False: the gateway never told the bot of this channel. */
  announced: boolean;
}

export interface DoubleMessage {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  /** Set where another app's webhook wrote it. */
  readonly webhookId: string | null;
  readonly createdAt: number;
  readonly referenceId: string | null;
  readonly nonce: string | null;
  readonly interactionId: string | null;
  /** Of follow-ups: the response they follow. */
  readonly originalId: string | null;
  readonly ephemeral: boolean;
  readonly attachments: readonly { name: string; type: string }[];
  readonly stickers: readonly string[];
  /** Text of a message forwarded in this one. */
  readonly forwarded: string | null;
  content: string;
  editedAt: number | null;
  components: readonly unknown[];
  flags: number;
  /** Deferred: shown as "thinking…". */
  loading: boolean;
  deleted: boolean;
  /** Every text it had, the newest last. */
  readonly versions: string[];
  /** The last `allowed_mentions` sent with it. */
  allowedMentions: AllowedMentions | null;
}

export interface DoubleInteraction {
  readonly id: string;
  readonly token: string;
  readonly kind: 'command' | 'autocomplete' | 'component' | 'modal';
  readonly userId: string;
  readonly channelId: string;
  /** Who made the app usable here. */
  readonly install: 'guild' | 'user';
  readonly createdAt: number;
  /** Of components: the message the button hangs on. */
  readonly sourceMessageId: string | null;
  /** The callback type it was acknowledged with. */
  acknowledged: number | null;
  /** It was not acknowledged in time: the person was told so. */
  givenUp: boolean;
  /** The response's message. */
  originalId: string | null;
  followUps: number;
  /** What autocomplete or the modal was answered with. */
  data: unknown;
}

const DISCORD_EPOCH = 1_420_070_400_000;

/** All that exists on the double, as plain data. */
export class World {
  readonly users = new Map<string, DoubleUser>();
  readonly guilds = new Map<string, DoubleGuild>();
  readonly channels = new Map<string, DoubleChannel>();
  readonly messages = new Map<string, DoubleMessage>();
  readonly interactions = new Map<string, DoubleInteraction>();
  readonly commands: Readonly<Record<string, unknown>>[] = [];
  readonly clock: Clock;
  readonly bot: DoubleUser;
  #serial = 0n;

  constructor(clock: Clock) {
    this.clock = clock;
    this.bot = this.addUser({ username: 'parley', displayName: 'Parley', bot: true });
  }

  /** 19 digits, rising, with the clock's time in the upper bits as Discord's are. */
  snowflake(): string {
    this.#serial++;
    return ((BigInt(this.clock.now() - DISCORD_EPOCH) << 22n) + this.#serial).toString();
  }

  addUser(user: { username: string; displayName?: string; bot?: boolean; nick?: string }): DoubleUser {
    const { username, displayName = username, bot = false, nick } = user;
    const added = {
      id: this.snowflake(),
      username,
      displayName,
      bot,
      ...(nick === undefined ? {} : { nick }),
    };
    this.users.set(added.id, added);
    return added;
  }

  addGuild(name: string, hasBot = true): DoubleGuild {
    const id = this.snowflake();
    const guild = { id, name, hasBot, roles: [{ id, name: '@everyone' }] };
    this.guilds.set(id, guild);
    return guild;
  }

  addChannel(channel: Partial<DoubleChannel> & Pick<DoubleChannel, 'kind'>): DoubleChannel {
    const added: DoubleChannel = {
      id: this.snowflake(),
      name: channel.kind,
      guildId: null,
      parentId: null,
      recipient: null,
      archived: false,
      locked: false,
      refuses: null,
      deleted: false,
      announced: true,
      ...channel,
    };
    this.channels.set(added.id, added);
    return added;
  }

  addMessage(message: Partial<DoubleMessage> & Pick<DoubleMessage, 'channelId' | 'authorId'>): DoubleMessage {
    const added: DoubleMessage = {
      id: this.snowflake(),
      webhookId: null,
      createdAt: this.clock.now(),
      referenceId: null,
      nonce: null,
      interactionId: null,
      originalId: null,
      ephemeral: false,
      attachments: [],
      stickers: [],
      forwarded: null,
      content: '',
      editedAt: null,
      components: [],
      flags: 0,
      loading: false,
      deleted: false,
      versions: [],
      allowedMentions: null,
      ...message,
    };
    if (added.content !== '') added.versions.push(added.content);
    this.messages.set(added.id, added);
    return added;
  }

  /** Whether the bot itself may look into a channel: it is a member, or it is its own direct message. */
  botIsIn(channel: DoubleChannel): boolean {
    if (channel.guildId === null) return channel.kind === 'dm';
    return this.guilds.get(channel.guildId)?.hasBot === true;
  }

  /** Undeleted messages of a channel, oldest first; ephemeral ones are seen by one person alone and left out. */
  history(channelId: string): DoubleMessage[] {
    return [...this.messages.values()].filter(
      (message) => message.channelId === channelId && !message.deleted && !message.ephemeral,
    );
  }
}
