import { createDiscordDelivery } from '../adapters/discord/delivery.js';
import { createSlackAdapter } from '../adapters/slack/create-slack-adapter.js';
import { createSlackDelivery } from '../adapters/slack/slack-delivery.js';
import { createWebDelivery } from '../adapters/web/web-delivery.js';
import type { ParleyConfig } from './config/parley-config.js';
import type { CommandDefinition } from './domain/commands.js';
import type { Clock } from './ports/clock.js';
import type { Delivery } from './ports/delivery.js';
import type { Inbox } from './ports/inbox.js';
import type { KeyValueStore } from './ports/key-value-store.js';
import type { LiveEvents } from './ports/live-events.js';
import type { Log } from './ports/log.js';

interface Shared {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
}

/** A chat platform that this process is, or will be, connected to. */
export interface ConnectedPlatform {
  readonly name: string;
  /** Resolves once connected, or once it is clear that this takes a while. Never throws. */
  readonly settled: Promise<void>;
  /** One line for an operator. */
  state(): string;
  stop(): Promise<void>;
}

/** How replies reach each platform that has a token. */
export function composeDeliveries(
  config: ParleyConfig,
  { inbox, live, clock, log }: Shared & { readonly live: LiveEvents },
): ReadonlyMap<string, Delivery> {
  const deliveries = new Map<string, Delivery>([['web', createWebDelivery({ liveEvents: live })]]);
  const { discord, slack, delivery } = config;
  if (discord) {
    const attention = delivery.callAttention === 'message' ? 'message' : 'mention';
    deliveries.set('discord', createDiscordDelivery({ ...discord, attention, clock, log }));
  }
  if (slack) {
    const stopTurn = (turnId: number) => inbox.stop(turnId);
    deliveries.set('slack', createSlackDelivery({ ...slack, stopTurn, clock, log }));
  }
  return deliveries;
}

/** Connects each platform that has a token. One that cannot be reached or refuses its token keeps no other waiting. */
export function connectPlatforms(
  config: ParleyConfig,
  deps: Shared & { readonly facts: KeyValueStore; readonly commands: readonly CommandDefinition[] },
): ConnectedPlatform[] {
  const { discord, slack, settingsAdmins, delivery } = config;
  const platforms: ConnectedPlatform[] = [];
  if (slack) {
    const adapter = createSlackAdapter({
      ...slack,
      admins: settingsAdmins.slack,
      staleAfterMs: delivery.staleAfterMs,
      ...deps,
    });
    platforms.push(connect('Slack', adapter, deps.log));
  }
  return platforms;
}

interface Adapter {
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): { readonly state: string; readonly detail: string };
}

function connect(name: string, adapter: Adapter, log: Log): ConnectedPlatform {
  const settled = adapter.start().catch((error: unknown) => {
    log.error({ platform: name, err: error }, 'platform not connected');
  });
  return { name, settled, state: () => adapter.status().detail, stop: () => adapter.stop() };
}
