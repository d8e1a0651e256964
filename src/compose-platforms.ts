import { createWebDelivery } from '../adapters/web/web-delivery.js';
import type { ParleyConfig } from './config/parley-config.js';
import type { CommandDefinition } from './domain/commands.js';
import type { Clock } from './ports/clock.js';
import type { Delivery } from './ports/delivery.js';
import type { Inbox } from './ports/inbox.js';
import type { KeyValueStore } from './ports/key-value-store.js';
import type { LiveEvents } from './ports/live-events.js';
import type { Log } from './ports/log.js';

export interface PlatformDeps {
  readonly inbox: Inbox;
  readonly live: LiveEvents;
  readonly facts: KeyValueStore;
  readonly commands: readonly CommandDefinition[];
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
  /** The port that takes the platform's events; 0 where it opens none. */
  port(): number;
  stop(): Promise<void>;
}

export interface Platforms {
  /** How replies reach each platform that has a token, by its name in addresses. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Connects each of them. One that cannot be reached or refuses its token keeps no other waiting. */
  connect(): readonly ConnectedPlatform[];
}

interface Platform {
  readonly delivery: Delivery;
  connect(): ConnectedPlatform;
}

/** Sets up each platform that has a token. Their SDKs take most of a second to load, so the others' stay on disk. */
export async function composePlatforms(config: ParleyConfig, deps: PlatformDeps): Promise<Platforms> {
  const { discord, slack } = config;
  const platforms = new Map<string, Platform>();
  if (discord) platforms.set('discord', await composeDiscord(discord, config, deps));
  if (slack) platforms.set('slack', await composeSlack(slack, config, deps));
  const deliveries = [...platforms].map(([name, { delivery }]) => [name, delivery] as const);
  return {
    deliveries: new Map([['web', createWebDelivery({ liveEvents: deps.live })], ...deliveries]),
    connect: () => [...platforms.values()].map((platform) => platform.connect()),
  };
}

async function composeDiscord(
  discord: NonNullable<ParleyConfig['discord']>,
  config: ParleyConfig,
  deps: PlatformDeps,
): Promise<Platform> {
  const [{ createDiscordAdapter }, { createDiscordDelivery }, { createDiscordRest }] = await Promise.all([
    import('../adapters/discord/adapter.js'),
    import('../adapters/discord/delivery.js'),
    import('../adapters/discord/rest.js'),
  ]);
  const { clock, log } = deps;
  // One client for both: Discord's buckets are counted per client.
  const rest = createDiscordRest({ ...discord, log });
  const attention = config.delivery.callAttention === 'message' ? 'message' : 'mention';
  return {
    delivery: createDiscordDelivery({ ...discord, rest, attention, clock, log }),
    connect() {
      const { staleAfterMs } = config.delivery;
      const adapter = createDiscordAdapter({ ...discord, rest, staleAfterMs, ...deps });
      return {
        name: 'Discord',
        settled: settle('Discord', adapter.start(), log),
        state: () => discordState(adapter.status()),
        port: () => 0,
        stop: () => adapter.stop(),
      };
    },
  };
}

function discordState({ state, problem, readsMessages }: DiscordStatus): string {
  if (problem !== undefined) return problem;
  if (state !== 'ready') return state;
  return readsMessages
    ? 'connected'
    : 'connected, without the Message Content Intent: replies and thread messages that do not mention the bot stay unread';
}

interface DiscordStatus {
  readonly state: string;
  readonly problem?: string;
  readonly readsMessages: boolean;
}

async function composeSlack(
  slack: NonNullable<ParleyConfig['slack']>,
  config: ParleyConfig,
  deps: PlatformDeps,
): Promise<Platform> {
  const [{ createSlackAdapter }, { createSlackDelivery }] = await Promise.all([
    import('../adapters/slack/create-slack-adapter.js'),
    import('../adapters/slack/slack-delivery.js'),
  ]);
  const { inbox, clock, log } = deps;
  const admins = config.settingsAdmins.slack;
  const { staleAfterMs } = config.delivery;
  return {
    delivery: createSlackDelivery({ ...slack, stopTurn: (turnId) => inbox.stop(turnId), clock, log }),
    connect() {
      const adapter = createSlackAdapter({ ...slack, admins, staleAfterMs, ...deps });
      return {
        name: 'Slack',
        settled: settle('Slack', adapter.start(), log),
        state: () => adapter.status().detail,
        port: () => adapter.status().port,
        stop: () => adapter.stop(),
      };
    },
  };
}

async function settle(platform: string, starting: Promise<unknown>, log: Log): Promise<void> {
  try {
    await starting;
  } catch (error) {
    log.error({ platform, err: error }, 'platform not connected');
  }
}
