import { randomUUID } from 'node:crypto';
import { createWebDelivery } from '../../adapters/web/web-delivery.js';
import type { ParleyConfig } from '../config/parley-config.js';
import type { CommandDefinition } from '../domain/commands.js';
import type { AdapterPorts } from '../pipeline/accept/open-inbox.js';
import type { Delivery } from '../ports/delivery/delivery.js';
import type { EditBudget } from '../ports/delivery/edit-budget.js';
import type { Leases } from '../ports/fleet/leases.js';
import type { PlatformReport, PlatformStanding, PlatformState } from '../ports/fleet/platform-reports.js';
import type { KnownChannels } from '../ports/memory/known-channels.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { InstallationStore } from '../ports/settings/installation-store.js';
import type { KeyValueStore } from '../ports/settings/key-value-store.js';
import type { Metrics } from '../ports/telemetry/metrics.js';
import type { TurnEvents } from '../ports/turns/live-events.js';
import { composeSlack } from './slack.js';

export interface PlatformDeps extends AdapterPorts {
  readonly live: TurnEvents;
  /** Shared by all processes that act on one platform. */
  readonly budget: EditBudget;
  readonly facts: KeyValueStore;
  readonly known: KnownChannels;
  /** Who of several processes is connected to Discord; null: there is only this one. */
  readonly leases: Leases | null;
  /** Null where no platform is installed by workspaces. */
  readonly installations: InstallationStore | null;
  readonly commands: readonly CommandDefinition[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Without its variable a process can deliver nothing on a platform, whatever its role. */
export const TOKEN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['discord', 'DISCORD_TOKEN'],
  ['slack', 'SLACK_BOT_TOKEN (or SLACK_CLIENT_ID, with what belongs to it)'],
]);

/** A chat platform that this process is, or will be, connected to. */
export interface ConnectedPlatform {
  readonly name: string;
  /** Resolves once connected, or once it is clear that this takes a while. Never throws. */
  readonly settled: Promise<void>;
  readonly platform: PlatformReport['platform'];
  /** One line for an operator. */
  state(): string;
  connection(): PlatformState;
  /** @throws {ExpectedFailure} `setup` where what it knows of them is out of reach */
  standing(): Promise<PlatformStanding>;
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
  if (slack) platforms.set('slack', await slackPlatform(slack, config, deps));
  const deliveries = [...platforms].map(([name, { delivery }]) => [name, delivery] as const);
  return {
    deliveries: new Map([['web', createWebDelivery({ liveEvents: deps.live })], ...deliveries]),
    connect: () => [...platforms.values()].map((platform) => platform.connect()),
  };
}

async function slackPlatform(
  slack: NonNullable<ParleyConfig['slack']>,
  config: ParleyConfig,
  deps: PlatformDeps,
): Promise<Platform> {
  const admins = config.settingsAdmins.slack;
  const { staleAfterMs } = config.delivery;
  const parts = await composeSlack(slack, { ...deps, admins, staleAfterMs, attention: attentionOf(config) });
  return {
    delivery: parts.delivery,
    connect() {
      const adapter = parts.createAdapter();
      return {
        name: 'Slack',
        platform: 'slack',
        settled: settle('Slack', adapter.start(), deps.log),
        state: () => adapter.status().detail,
        connection: () => {
          const { state } = adapter.status();
          return state === 'unauthorized' ? 'failed' : state;
        },
        standing: () => adapter.standing(),
        port: () => adapter.status().port,
        stop: () => adapter.stop(),
      };
    },
  };
}

async function composeDiscord(
  discord: NonNullable<ParleyConfig['discord']>,
  config: ParleyConfig,
  deps: PlatformDeps,
): Promise<Platform> {
  const [
    { createDiscordAdapter },
    { createDiscordDelivery },
    { createDiscordRest },
    { ProxyRoute },
    { holdRestProxy },
  ] = await Promise.all([
    import('../../adapters/discord/adapter.js'),
    import('../../adapters/discord/delivery/delivery.js'),
    import('../../adapters/discord/rest/rest.js'),
    import('../../adapters/discord/rest/proxy-route.js'),
    import('../../adapters/discord/rest/hold-rest-proxy.js'),
  ]);
  const { clock, log, leases, metrics } = deps;
  const { token } = discord;
  const { listen, url } = discord.proxy;
  const route = new ProxyRoute({ token, url: listen === null ? url : null, leases, clock, log });
  // One client for both: Discord's buckets are counted per client.
  const rest = createDiscordRest({ ...discord, log, metrics, ...(leases === null ? {} : { route }) });
  const attention = attentionOf(config);
  return {
    delivery: createDiscordDelivery({ ...discord, rest, attention, clock, log, metrics }),
    connect() {
      const { staleAfterMs, catchUp } = config.delivery;
      const adapter = createDiscordAdapter({ ...discord, rest, staleAfterMs, catchUp, ...deps });
      const ending = new AbortController();
      const owner = randomUUID();
      const proxy =
        listen === null || leases === null
          ? Promise.resolve()
          : holdRestProxy({ ...listen, token, rest, route, url, leases, owner, clock, log }, ending.signal);
      return {
        name: 'Discord',
        platform: 'discord',
        settled: settle('Discord', adapter.start(), log),
        state: () => discordState(adapter.status()),
        connection: () => {
          const { state } = adapter.status();
          return state === 'ready' ? 'connected' : state;
        },
        standing: async () => ({
          reach: adapter.guilds(),
          missing: adapter.status().readsMessages ? [] : [WITHOUT_CONTENT],
        }),
        port: () => 0,
        stop: async () => {
          await adapter.stop();
          ending.abort(new Error('the gateway stops'));
          await proxy;
        },
      };
    },
  };
}

const WITHOUT_CONTENT =
  'Discord does not grant the Message Content Intent, and so replies and thread messages that do not mention the bot stay unread: switch it on under Bot in the Discord developer portal, and start the gateway again.';

function discordState({ state, problem, readsMessages }: DiscordStatus): string {
  if (problem !== undefined) return problem;
  if (state === 'standby') return 'standing by: another process is connected';
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

/** `off` is the pipeline's matter: it then calls nobody's. */
function attentionOf({ delivery }: ParleyConfig): 'mention' | 'message' {
  return delivery.callAttention === 'message' ? 'message' : 'mention';
}

async function settle(platform: string, starting: Promise<unknown>, log: Log): Promise<void> {
  try {
    await starting;
  } catch (error) {
    log.error({ platform, err: error }, 'platform not connected');
  }
}
