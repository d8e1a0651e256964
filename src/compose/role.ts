import { createHealthServer } from '../../adapters/web/server/health-server.js';
import type { ParleyConfig } from '../config/parley-config.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import type { AdapterPorts } from '../pipeline/accept/open-inbox.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { CLOSE_MS, StopStack } from '../process/stop-stack.js';
import { composeFleet, type Fleet, isFleet } from './fleet.js';
import { composeFoundation, type Foundation } from './foundation.js';
import { composeGateway, platformsOn } from './gateway.js';
import { composeInbox } from './inbox.js';
import type { ConnectedPlatform } from './platforms.js';
import { composeReports, reportPlatforms } from './reports.js';
import { composeMetrics } from './telemetry.js';
import { composeWeb } from './web.js';

export type Role = 'gateway' | 'worker' | 'web';

export interface RoleOptions {
  readonly catalog: ModelCatalog;
  readonly clock: Clock;
  readonly log: Log;
  /** Local models whose files could not be had. Default: none is known. */
  readonly missing?: ReadonlySet<string>;
  /** Gives the start up; what has started is stopped by `stop`. */
  readonly signal: AbortSignal;
}

/** One role of a fleet, running. */
export interface RunningRole {
  /** Where it serves HTTP: the API (`web`), or its health alone; null where it does not. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** Empty in every role but `gateway`. */
  readonly platforms: readonly ConnectedPlatform[];
  /** Aliases that a worker serves at the start; empty in every other role. */
  readonly serves: readonly string[];
  /** Takes nothing more in, hands over what streams, and closes everything, within `worker.finishMs` and 15 s. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts one role of a fleet in this process.
 *
 * @throws {ExpectedFailure} `setup`, in a sentence an operator can act on; what was opened is closed again
 * @throws `signal.reason` when `signal` aborts first, likewise
 */
export async function startRole(
  role: Role,
  config: ParleyConfig,
  options: RoleOptions,
): Promise<RunningRole> {
  requireServers(role, config);
  const stops = new StopStack(options.log, config.worker.finishMs + CLOSE_MS);
  try {
    const running = await START[role](config, options, stops);
    return { ...running, stop: () => stops.run() };
  } catch (error) {
    await stops.run();
    throw error;
  }
}

/** @throws {ExpectedFailure} `setup` where the processes of a fleet could not meet */
export function requireServers(role: Role, config: ParleyConfig): void {
  if (isFleet(config)) return;
  const { databaseUrl, redisUrl } = config;
  const missing = [
    ...(databaseUrl === null ? ['DATABASE_URL'] : []),
    ...(redisUrl === null ? ['REDIS_URL'] : []),
  ];
  throw new ExpectedFailure(
    'setup',
    `"parley ${role}" is one role of a fleet, whose processes meet on PostgreSQL and Redis: set ${missing.join(' and ')}, or run "parley start", which is all roles in one process.`,
  );
}

type Start = (
  config: ParleyConfig,
  options: RoleOptions,
  stops: StopStack,
) => Promise<Omit<RunningRole, 'stop'>>;

const START: Readonly<Record<Role, Start>> = { gateway: startGateway, worker: startWorker, web: startWeb };

async function startGateway(config: ParleyConfig, options: RoleOptions, stops: StopStack) {
  const { foundation, ports } = await withoutModels(config, options, stops);
  const connected = composeGateway(await platformsOn(foundation, ports), stops);
  if (connected.length === 0)
    throw new ExpectedFailure(
      'setup',
      '"parley gateway" has nothing to connect: set DISCORD_TOKEN, or SLACK_BOT_TOKEN and SLACK_APP_TOKEN.',
    );
  reportPlatforms(connected, composeReports(foundation), foundation);
  return { address: await serveHealth(foundation), platforms: connected, serves: [] };
}

async function startWeb(config: ParleyConfig, options: RoleOptions, stops: StopStack) {
  const { foundation, ports, router } = await withoutModels(config, options, stops);
  const web = composeWeb(foundation, { ports, router, reports: composeReports(foundation) });
  return { address: await web.listen(config.web), platforms: [], serves: [] };
}

async function startWorker(config: ParleyConfig, options: RoleOptions, stops: StopStack) {
  // Loaded here alone: the other roles run no model.
  const [{ composeServingFoundation, modelReadiness }, { composeWorker }] = await Promise.all([
    import('./serving.js'),
    import('./worker.js'),
  ]);
  const serving = await composeServingFoundation(config, { ...options, alone: false }, stops);
  const { foundation, models, fleet } = serving;
  const { router } = models;
  const { deliveries } = await platformsOn(foundation, composeInbox(foundation, router));
  const reports = composeReports(foundation);
  await composeWorker(foundation, { router, upkeep: models.upkeep, deliveries, fleet, reports });
  const readiness = async () => [...(await foundation.readiness()), modelReadiness(models)];
  return {
    address: await serveHealth({ ...foundation, readiness }),
    platforms: [],
    serves: [...(fleet?.served.aliases() ?? [])],
  };
}

/** What takes questions in and answers none: it knows the models' names, and loads none of them. */
async function withoutModels(
  config: ParleyConfig,
  options: RoleOptions,
  stops: StopStack,
): Promise<{ foundation: Foundation; router: Fleet['directory']; ports: AdapterPorts }> {
  const { catalog, clock, log, signal } = options;
  const metrics = composeMetrics(clock, stops);
  const { directory, routes } = await composeFleet(config, catalog, { clock, log, stops });
  const defaultAlias = config.defaultModel;
  const parts = { clock, log, metrics, stops, defaultAlias, routes, signal };
  const foundation = await composeFoundation(config, parts);
  return { foundation, router: directory, ports: composeInbox(foundation, directory) };
}

/** Where PARLEY_PORT asks for it: several roles on one machine must not quarrel about its default. */
async function serveHealth({ config, clock, log, metrics, readiness, stops }: Foundation) {
  const { host, port, portIsSet, apiKey } = config.web;
  if (!portIsSet) return null;
  const server = createHealthServer({
    readiness,
    metrics: () => metrics.read(),
    clock,
    log,
    ...(apiKey === null ? {} : { apiKey }),
  });
  stops.add(() => server.stop());
  return server.listen({ host, port });
}
