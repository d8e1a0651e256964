import type { REST } from '@discordjs/rest';
import type { CommandDefinition } from '../../src/domain/commands.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Inbox } from '../../src/ports/inbox.js';
import type { KeyValueStore } from '../../src/ports/key-value-store.js';
import type { Log } from '../../src/ports/log.js';
import { ChannelMessages } from './channel-messages.js';
import { registerCommands } from './command-registration.js';
import { CommandUses } from './command-uses.js';
import { ControlPresses } from './control-presses.js';
import { CoolDown } from './cool-down.js';
import { DiscordGateway, type DiscordStatus } from './gateway.js';
import type { BotIdentity, GatewayListener } from './gateway-session.js';
import { InteractionAnswers } from './interaction-answers.js';
import { InteractionSource } from './interaction-source.js';
import { MessageSource } from './message-source.js';
import { Places } from './places.js';
import { createDiscordRest } from './rest.js';
import { DiscordSender } from './sender.js';

export interface DiscordAdapterOptions {
  readonly token: string;
  /** Base of Discord's REST API without the version; Discord's own where left out. The gateway's address comes from it. */
  readonly apiUrl?: string;
  readonly inbox: Inbox;
  readonly commands: readonly CommandDefinition[];
  /** Remembers which commands Discord was told. */
  readonly facts: KeyValueStore;
  readonly clock: Clock;
  readonly log: Log;
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
}

const START_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 5_000;

/** Listens to Discord's gateway and hands what people say to the inbox. */
export function createDiscordAdapter(options: DiscordAdapterOptions): DiscordAdapter {
  const { token, apiUrl, inbox, commands, facts, clock, log } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const sender = new DiscordSender({ rest: options.rest ?? createDiscordRest(options), clock, log });
  const channel = new ChannelMessages(sender, new CoolDown(clock));
  const answers = new InteractionAnswers(sender, signal);
  const places = new Places({ client: () => gateway.client, sender, signal });
  const shared = { inbox, commands, places, answers, channel, clock, log, signal };
  const messages = new MessageSource({
    ...shared,
    staleAfterMs: options.staleAfterMs,
    readsMessages: () => gateway.status.readsMessages,
  });
  const interactions = new InteractionSource({
    ...shared,
    uses: new CommandUses(shared),
    presses: new ControlPresses(shared),
  });

  let bot: BotIdentity | null = null;
  let registered = false;
  let stopping = false;
  const withBot = (handle: (bot: BotIdentity) => void) => {
    if (bot && !stopping) handle(bot);
  };
  const listener: GatewayListener = {
    onIdentity(identity) {
      bot = identity;
      if (!registered) void registerCommands(identity.applicationId, { ...shared, sender, facts });
      registered = true;
    },
    onMessage: (message) => withBot((known) => messages.created(message, known)),
    onMessageEdited: (message) => withBot((known) => messages.edited(message, known)),
    onMessagesDeleted: (channelId, ids) => withBot(() => messages.deleted(channelId, ids)),
    onInteraction: (interaction) => withBot((known) => interactions.received(interaction, known)),
  };
  const gateway = new DiscordGateway({
    token,
    listener,
    clock,
    log,
    ...(apiUrl === undefined ? {} : { apiUrl }),
  });

  return {
    start: () => gateway.start(START_PATIENCE_MS),
    async stop() {
      stopping = true;
      const idle = Promise.all([messages.idle(), interactions.idle()]);
      await Promise.race([idle, clock.sleep(STOP_PATIENCE_MS, signal).catch(() => {})]);
      ending.abort(new Error('the Discord adapter stops'));
      await gateway.stop();
    },
    status: () => gateway.status,
  };
}
