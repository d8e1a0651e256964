import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { REST } from '@discordjs/rest';
import type { CommandDefinition } from '../../src/domain/commands.js';
import type { Leases } from '../../src/ports/fleet/leases.js';
import type { KnownChannels } from '../../src/ports/memory/known-channels.js';
import type { Clock } from '../../src/ports/process/clock.js';
import type { Log } from '../../src/ports/process/log.js';
import type { KeyValueStore } from '../../src/ports/settings/key-value-store.js';
import type { Metrics } from '../../src/ports/telemetry/metrics.js';
import type { Inbox } from '../../src/ports/turns/inbox.js';
import type { PlatformChanges } from '../../src/ports/turns/platform-changes.js';
import type { PlatformLookup } from '../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../src/ports/turns/turn-actions.js';
import { CatchUp, type CatchUpLimits } from './catch-up/catch-up.js';
import { ChannelMessages } from './delivery/channel-messages.js';
import { DiscordGateway, type DiscordStatus } from './gateway/gateway.js';
import type { GatewayListener } from './gateway/gateway-session.js';
import { GuildDirectory } from './gateway/guild-directory.js';
import type { BotIdentity } from './gateway/shard-memory.js';
import { CoolDown } from './rest/cool-down.js';
import { createDiscordRest } from './rest/rest.js';
import { DiscordSender } from './rest/sender.js';
import { registerCommands } from './source/command-registration.js';
import { CommandUses } from './source/command-uses.js';
import { ControlPresses } from './source/control-presses.js';
import { InteractionAnswers } from './source/interaction-answers.js';
import { InteractionSource } from './source/interaction-source.js';
import { MessageSource } from './source/message-source.js';
import { Places } from './source/places.js';

export interface DiscordAdapterOptions {
  readonly token: string;
  /** Base of Discord's REST API without the version; Discord's own where left out. The gateway's address comes from it. */
  readonly apiUrl?: string;
  readonly inbox: Inbox;
  readonly lookup: PlatformLookup;
  readonly actions: TurnActions;
  readonly changes: PlatformChanges;
  readonly commands: readonly CommandDefinition[];
  /** Remembers which commands Discord was told, and how far its events were handled. */
  readonly facts: KeyValueStore;
  /** Where to look for what was said while nothing listened. */
  readonly known: KnownChannels;
  readonly catchUp: CatchUpLimits & {
    /** Whether people are told of messages found too late to be answered. */
    readonly tellMissed: boolean;
  };
  /** Who of several processes with this token is connected; null: there is only this one. */
  readonly leases: Leases | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
  /** Messages older than this when they first reach us, in ms, are not answered. No limit where left out. */
  readonly staleAfterMs?: number;
  /** Shared with the delivery where both run in one process. */
  readonly rest?: REST;
}

export interface DiscordAdapter {
  /** Begins to connect. Resolves once connected or refused, at the latest after 10 s; never rejects. */
  start(): Promise<DiscordStatus>;
  /** Takes nothing new, lets what was taken be recorded, and disconnects; ends within about 8 s. May be called twice. */
  stop(): Promise<void>;
  status(): DiscordStatus;
  /** Guilds the bot is in, on the shards connected here; null until Discord has told. */
  guilds(): number | null;
}

const START_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 5_000;

/** Listens to Discord's gateway and hands what people say to the inbox. */
export function createDiscordAdapter(options: DiscordAdapterOptions): DiscordAdapter {
  const { token, apiUrl, inbox, lookup, actions, changes, commands, facts, clock, log } = options;
  const ending = new AbortController();
  const { signal } = ending;
  // Every request under way listens, and stops when it has ended: there are as many as channels spoken in at once.
  setMaxListeners(0, signal);
  const sender = new DiscordSender({ ...options, rest: options.rest ?? createDiscordRest(options) });
  const channel = new ChannelMessages(sender, new CoolDown(clock));
  const answers = new InteractionAnswers(sender, signal);
  const directory = new GuildDirectory();
  const places = new Places({ directory, sender, signal });
  const pipeline = { inbox, lookup, actions, changes };
  const shared = { ...pipeline, commands, places, answers, channel, clock, log, signal };
  const messages = new MessageSource({
    ...shared,
    staleAfterMs: options.staleAfterMs,
    tellMissed: options.catchUp.tellMissed,
    readsMessages: () => gateway.status.readsMessages,
    before: (message, gap) => catchUp.before(message.channelId, message.id, gap),
  });
  const catchUp = new CatchUp({
    ...shared,
    known: options.known,
    limits: options.catchUp,
    takeIn: (missed, known, recorded) => messages.missed(missed, known, recorded),
    inTurn: (channelId, task) => messages.inTurn(channelId, task),
  });
  const interactions = new InteractionSource({
    ...shared,
    uses: new CommandUses(shared),
    presses: new ControlPresses(shared),
  });

  let bot: BotIdentity | null = null;
  let registered = false;
  const withBot = async (handle: (bot: BotIdentity) => Promise<void>) => {
    if (bot === null) throw new Error('an event came before Discord had said who the bot is');
    await handle(bot);
  };
  const listener: GatewayListener = {
    onIdentity(identity) {
      bot = identity;
      if (!registered) void registerCommands(identity.applicationId, { ...shared, sender, facts });
      registered = true;
    },
    onGap(gap, shard, holding) {
      if (bot !== null) catchUp.fill(gap, { bot, shard, holding });
    },
    onGuild: (guild, since, gap, shard, holding) =>
      withBot((known) => catchUp.listed(guild, since, gap, { bot: known, shard, holding })),
    onMessage: (message, gap) => withBot((known) => messages.created(message, known, gap)),
    onMessageEdited: (message) => withBot((known) => messages.edited(message, known)),
    onMessagesDeleted: (channelId, ids) => withBot(() => messages.deleted(channelId, ids)),
    onInteraction: (interaction) => withBot((known) => interactions.received(interaction, known)),
  };
  const gateway = new DiscordGateway({
    token,
    listener,
    directory,
    facts,
    owner: randomUUID(),
    drained: async () => {
      const idle = Promise.all([messages.idle(), interactions.idle()]);
      await Promise.race([idle, clock.sleep(STOP_PATIENCE_MS, signal).catch(() => {})]);
    },
    clock,
    log,
    leases: options.leases,
    ...(apiUrl === undefined ? {} : { apiUrl }),
  });

  return {
    start: () => gateway.start(START_PATIENCE_MS),
    async stop() {
      await gateway.stop();
      ending.abort(new Error('the Discord adapter stops'));
    },
    status: () => gateway.status,
    guilds: () => (['ready', 'resuming'].includes(gateway.status.state) ? directory.guilds : null),
  };
}
