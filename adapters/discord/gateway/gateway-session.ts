import { REST } from '@discordjs/rest';
import { CloseCodes, type IIdentifyThrottler, WebSocketManager, WebSocketShardEvents } from '@discordjs/ws';
import {
  GatewayDispatchEvents,
  type GatewayDispatchPayload,
  type GatewayGuildCreateDispatchData,
  GatewayIntentBits,
  type GatewayInteractionCreateDispatchData,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageUpdateDispatchData,
} from 'discord.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { ended } from '../../../src/process/time-limit.js';
import { discordRestOptions } from '../rest/rest.js';
import type { ShardId } from './checkpoint.js';
import type { Gap } from './gap.js';
import { GuardedSharding } from './guarded-sharding.js';
import type { GuildDirectory } from './guild-directory.js';
import type { BotIdentity, ShardMemory } from './shard-memory.js';

/**
 * Takes Discord's events as they come. Each promise is fulfilled once its event was handled, whatever came of it, and
 * stays unfulfilled or fails where the process stopped before that.
 */
export interface GatewayListener {
  /** Comes before any event. */
  onIdentity(bot: BotIdentity): void;
  /**
   * What is in the gap will not come by itself. Called before any event after it, and while it is open with each new
   * connection.
   *
   * @param holding - aborts when this process no longer speaks for the shard
   */
  onGap(gap: Gap, shard: ShardId, holding: AbortSignal): void;
  /** Discord lists a server in which nothing was heard since then, milliseconds since 1970. */
  onGuild(
    guild: GatewayGuildCreateDispatchData,
    since: number,
    gap: Gap,
    shard: ShardId,
    holding: AbortSignal,
  ): Promise<void>;
  /** @param gap - may hold what was said before in the message's channel */
  onMessage(message: GatewayMessageCreateDispatchData, gap: Gap): Promise<void>;
  onMessageEdited(message: GatewayMessageUpdateDispatchData): Promise<void>;
  onMessagesDeleted(channelId: string, messageIds: readonly string[]): Promise<void>;
  onInteraction(interaction: GatewayInteractionCreateDispatchData): Promise<void>;
}

export interface GatewaySessionOptions {
  readonly token: string;
  readonly apiUrl?: string;
  readonly shard: ShardId;
  readonly memory: ShardMemory;
  readonly messageContent: boolean;
  readonly throttler: IIdentifyThrottler;
  readonly listener: GatewayListener;
  readonly directory: GuildDirectory;
  readonly clock: Clock;
  readonly log: Log;
  readonly onConnected: (connected: boolean) => void;
  /** Aborts when this process no longer speaks for the shard. */
  readonly holding: AbortSignal;
}

/** Why a session is over: a close code, a login that failed, or something broken inside. */
export type SessionEnd =
  | { readonly type: 'closed'; readonly code: number }
  | { readonly type: 'login-refused' }
  | { readonly type: 'broken'; readonly error: unknown };

const CLOSE_PATIENCE_MS = 3_000;
const UNRECOVERABLE = new Set([4004, 4010, 4011, 4012, 4013, 4014]);

/** One shard's connection, from the first try until it can't go on. Nothing it does ends the process. */
export class GatewaySession {
  readonly ended: Promise<SessionEnd>;
  readonly #manager: WebSocketManager;
  readonly #rest: REST;
  readonly #options: GatewaySessionOptions;
  readonly #ending = new AbortController();
  /** All that was sent before now has come: false while missed events are replayed. */
  #live = false;
  #end: (end: SessionEnd) => void = () => {};

  constructor(options: GatewaySessionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { token, apiUrl, clock, memory, messageContent, shard, throttler } = options;
    const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
    this.#rest = new REST(discordRestOptions(apiUrl)).setToken(token);
    this.#manager = new WebSocketManager({
      token,
      rest: this.#rest,
      intents: Guilds | GuildMessages | DirectMessages | (messageContent ? MessageContent : 0),
      shardIds: [shard.id],
      shardCount: shard.count,
      buildIdentifyThrottler: () => throttler,
      retrieveSessionInfo: () => memory.session,
      updateSessionInfo: (_id, session) => {
        // Closing forgets the session, and another process is to resume it.
        if (session || !this.#ending.signal.aborted) memory.session = session;
      },
      buildStrategy: (manager) =>
        new GuardedSharding(manager, {
          clock,
          signal: this.#ending.signal,
          onBadPayload: (error) => this.#report(error),
          onBroken: (error) => this.#end({ type: 'broken', error }),
        }),
    });
    this.#listen();
  }

  /** Begins to connect; `ended` tells how it went wrong. */
  connect(): void {
    const { listener, memory } = this.#options;
    if (memory.bot) listener.onIdentity(memory.bot);
    this.#fillGap();
    this.#manager.connect().catch((error: unknown) => {
      const refused = error instanceof Error && 'status' in error && error.status === 401;
      this.#end(refused ? { type: 'login-refused' } : { type: 'broken', error });
    });
  }

  /** Closes the connection so that its session can be resumed, within about 3 s. May be called twice. */
  async stop(): Promise<void> {
    this.#ending.abort(new Error('the Discord session ends'));
    const closing = this.#close().catch((error: unknown) => this.#report(error));
    await ended(closing, CLOSE_PATIENCE_MS);
  }

  async #close(): Promise<void> {
    this.#rest.clearHashSweeper();
    this.#rest.clearHandlerSweeper();
    await this.#manager.destroy({ code: CloseCodes.Resuming, reason: 'until the session is resumed' });
  }

  #listen(): void {
    const { clock, log, memory, onConnected, shard } = this.#options;
    const manager = this.#manager;
    manager.on(WebSocketShardEvents.Dispatch, ({ data }) => {
      if (this.#ending.signal.aborted) return;
      try {
        this.#dispatched(data);
      } catch (error) {
        this.#report(error);
      }
    });
    manager.on(WebSocketShardEvents.HeartbeatComplete, () => {
      if (this.#live) memory.progress.heard(clock.now());
    });
    manager.on(WebSocketShardEvents.Closed, ({ code }) => {
      this.#live = false;
      if (this.#ending.signal.aborted) return;
      if (UNRECOVERABLE.has(code)) return this.#end({ type: 'closed', code });
      onConnected(false);
      log.info({ shard: shard.id, code }, 'Discord connection lost; connecting again');
    });
    manager.on(WebSocketShardEvents.Error, ({ error }) => {
      log.warn({ shard: shard.id, err: error }, 'Discord connection failed');
    });
  }

  #dispatched(event: GatewayDispatchPayload): void {
    const { clock, listener, log, memory, onConnected } = this.#options;
    const { progress } = memory;
    const now = clock.now();
    if (event.t === GatewayDispatchEvents.Ready) {
      const { user, application, guilds } = event.d;
      memory.bot = { userId: user.id, applicationId: application.id };
      listener.onIdentity(memory.bot);
      const guildIds = guilds.map(({ id }) => id);
      memory.gap.begin(progress.handled.until, guildIds);
      progress.begin(event.s);
      // A process that is killed before the next save would leave a session that nobody knows of.
      memory
        .save(null)
        .catch((err: unknown) => log.warn({ err }, 'a new Discord session could not be stored'));
    }
    if (event.t === GatewayDispatchEvents.Resumed) memory.gap.resumed();
    if (event.t === GatewayDispatchEvents.Ready || event.t === GatewayDispatchEvents.Resumed) {
      this.#live = true;
      this.#fillGap();
      onConnected(true);
    }
    if (this.#live) progress.heard(now, event.s);
    else progress.heard(Number.NEGATIVE_INFINITY, event.s);
    const work = this.#handle(event);
    if (work !== null) progress.track(work, now, event.s);
  }

  #fillGap(): void {
    const { holding, listener, memory, shard } = this.#options;
    if (memory.bot && !memory.gap.closed) listener.onGap(memory.gap, shard, holding);
  }

  #handle(event: GatewayDispatchPayload): Promise<void> | null {
    const { listener, directory, memory, shard } = this.#options;
    switch (event.t) {
      case GatewayDispatchEvents.MessageCreate:
        return listener.onMessage(event.d, memory.gap);
      case GatewayDispatchEvents.MessageUpdate:
        return listener.onMessageEdited(event.d);
      case GatewayDispatchEvents.MessageDelete:
        return listener.onMessagesDeleted(event.d.channel_id, [event.d.id]);
      case GatewayDispatchEvents.MessageDeleteBulk:
        return listener.onMessagesDeleted(event.d.channel_id, event.d.ids);
      case GatewayDispatchEvents.InteractionCreate:
        return listener.onInteraction(event.d);
      case GatewayDispatchEvents.GuildCreate:
        directory.hear(event, shard.id);
        return this.#guildListed(event.d);
      default:
        directory.hear(event, shard.id);
        return null;
    }
  }

  #guildListed(guild: GatewayGuildCreateDispatchData): Promise<void> | null {
    const { holding, listener, memory, shard } = this.#options;
    if (guild.unavailable === true) return null;
    const since = memory.gap.listed(guild.id);
    return since === null ? null : listener.onGuild(guild, since, memory.gap, shard, holding);
  }

  #report(error: unknown): void {
    // The payload itself would hold people's text.
    const kind = error instanceof Error ? error.name : typeof error;
    this.#options.log.error({ kind, err: withoutText(error) }, 'a Discord event could not be handled');
  }
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
