import {
  Client,
  Events,
  GatewayDispatchEvents,
  GatewayIntentBits,
  type GatewayInteractionCreateDispatchData,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageUpdateDispatchData,
  type GatewayReadyDispatchData,
  Options,
} from 'discord.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Log } from '../../src/ports/log.js';
import { GuardedSharding } from './guarded-sharding.js';
import { discordRestOptions } from './rest.js';

/** Discord's events as they come, before any cache of the library could drop them. */
export interface GatewayListener {
  onIdentity(identity: BotIdentity): void;
  onMessage(message: GatewayMessageCreateDispatchData): void;
  onMessageEdited(message: GatewayMessageUpdateDispatchData): void;
  onMessagesDeleted(channelId: string, messageIds: readonly string[]): void;
  onInteraction(interaction: GatewayInteractionCreateDispatchData): void;
}

export interface BotIdentity {
  readonly userId: string;
  readonly applicationId: string;
}

export interface GatewaySessionOptions {
  readonly token: string;
  readonly apiUrl?: string;
  readonly messageContent: boolean;
  readonly listener: GatewayListener;
  readonly clock: Clock;
  readonly log: Log;
  readonly onConnected: (connected: boolean) => void;
}

/** Why a session is over: a close code, a login that failed, or something broken inside. */
export type SessionEnd =
  | { readonly type: 'closed'; readonly code: number }
  | { readonly type: 'login-refused' }
  | { readonly type: 'broken'; readonly error: unknown };

/** Guilds that are down must not keep the bot from being ready: their channels are looked up when needed. */
const WAIT_FOR_GUILDS_MS = 1_000;
const CLOSE_PATIENCE_MS = 3_000;
const UNRECOVERABLE = new Set([4004, 4010, 4011, 4012, 4013, 4014]);

/** One discord.js client, from login until it can't go on. Nothing it does ends the process. */
export class GatewaySession {
  readonly client: Client;
  readonly ended: Promise<SessionEnd>;
  readonly #options: GatewaySessionOptions;
  readonly #ending = new AbortController();
  #end: (end: SessionEnd) => void = () => {};

  constructor(options: GatewaySessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { apiUrl, clock, messageContent } = options;
    const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
    this.client = new Client({
      intents: [Guilds, GuildMessages, DirectMessages, ...(messageContent ? [MessageContent] : [])],
      rest: discordRestOptions(apiUrl),
      shards: 'auto',
      waitGuildTimeout: WAIT_FOR_GUILDS_MS,
      allowedMentions: { parse: [], repliedUser: false },
      makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0 }),
      ws: {
        buildStrategy: (manager) =>
          new GuardedSharding(manager, {
            clock,
            signal: this.#ending.signal,
            onBadPayload: (error) => this.#report(error),
            onBroken: (error) => this.#end({ type: 'broken', error }),
          }),
      },
    });
    this.#listen();
  }

  /** Begins to connect; `ended` tells how it went wrong. */
  connect(): void {
    this.client.login(this.#options.token).catch((error: unknown) => {
      const refused = error instanceof Error && 'code' in error && error.code === 'TokenInvalid';
      this.#end(refused ? { type: 'login-refused' } : { type: 'broken', error });
    });
  }

  /** Closes the connection, within about 3 s. May be called twice. */
  async stop(): Promise<void> {
    this.#ending.abort(new Error('the Discord session ends'));
    const patience = AbortSignal.timeout(CLOSE_PATIENCE_MS);
    await Promise.race([
      this.client.destroy().catch((error: unknown) => this.#report(error)),
      new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve(), { once: true })),
    ]);
  }

  #listen(): void {
    const { client } = this;
    const { listener, onConnected, log } = this.#options;
    const on = <T>(event: GatewayDispatchEvents, handle: (data: T) => void) =>
      client.ws.on(event, (data: T) => {
        try {
          handle(data);
        } catch (error) {
          this.#report(error);
        }
      });
    on<GatewayReadyDispatchData>(GatewayDispatchEvents.Ready, ({ user, application }) =>
      listener.onIdentity({ userId: user.id, applicationId: application.id }),
    );
    on(GatewayDispatchEvents.MessageCreate, listener.onMessage.bind(listener));
    on(GatewayDispatchEvents.MessageUpdate, listener.onMessageEdited.bind(listener));
    on<{ channel_id: string; id: string }>(GatewayDispatchEvents.MessageDelete, ({ channel_id, id }) =>
      listener.onMessagesDeleted(channel_id, [id]),
    );
    on<{ channel_id: string; ids: string[] }>(
      GatewayDispatchEvents.MessageDeleteBulk,
      ({ channel_id, ids }) => listener.onMessagesDeleted(channel_id, ids),
    );
    on(GatewayDispatchEvents.InteractionCreate, listener.onInteraction.bind(listener));

    client.on(Events.ClientReady, () => onConnected(true));
    client.on(Events.ShardResume, () => onConnected(true));
    client.on(Events.ShardReady, () => onConnected(true));
    client.on(Events.ShardReconnecting, (shard) => {
      onConnected(false);
      log.info({ shard }, 'Discord connection lost; connecting again');
    });
    client.on(Events.ShardDisconnect, ({ code }) => {
      if (UNRECOVERABLE.has(code)) this.#end({ type: 'closed', code });
    });
    client.on(Events.ShardError, (error, shard) =>
      log.warn({ shard, err: error }, 'Discord connection failed'),
    );
    client.on(Events.Error, (error) => this.#report(error));
    guardQueuedPackets(client, (error) => this.#report(error));
  }

  #report(error: unknown): void {
    // The payload itself would hold people's text.
    const kind = error instanceof Error ? error.name : typeof error;
    this.#options.log.error({ kind, err: withoutText(error) }, 'a Discord event could not be handled');
  }
}

/** Packets that came before READY are handled later, where nobody catches what they throw. */
function guardQueuedPackets(client: Client, report: (error: unknown) => void): void {
  const original: unknown = Reflect.get(client.ws, 'handlePacket');
  if (typeof original !== 'function') return;
  Reflect.set(client.ws, 'handlePacket', (...args: unknown[]) => {
    try {
      return Reflect.apply(original, client.ws, args);
    } catch (error) {
      report(error);
      return false;
    }
  });
}

/** Where an error happened, without its message: a JSON error quotes what it read. */
function withoutText(error: unknown): { stack: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  return {
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 8)
      .join('\n'),
  };
}
