import type { WebAdapter } from '../../adapters/web/create-web-adapter.js';
import type { ParleyConfig } from '../config/parley-config.js';
import type { ModelCatalog } from '../models/catalog/model-catalog.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { CLOSE_MS, StopStack } from '../process/stop-stack.js';
import { composeGateway, platformsOn } from './gateway.js';
import { composeInbox } from './inbox.js';
import type { Models } from './models.js';
import type { ConnectedPlatform } from './platforms.js';
import { composeReports, reportPlatforms } from './reports.js';
import { composeServingFoundation } from './serving.js';
import { composeWeb } from './web.js';
import { composeWorker } from './worker.js';

export interface ComposeOptions {
  readonly catalog: ModelCatalog;
  readonly clock: Clock;
  readonly log: Log;
  /** False for a chat in the terminal: no platform is connected and no port opened. */
  readonly serve: boolean;
  /** Local models whose files could not be had: to be told of it once is enough. Default: none is known. */
  readonly missing?: ReadonlySet<string>;
  /** Gives the start up; what has started is stopped by `stop`. */
  readonly signal: AbortSignal;
}

/** A running Parley. */
export interface Parley {
  readonly web: WebAdapter;
  /** Where the HTTP API listens; null where it does not. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly platforms: readonly ConnectedPlatform[];
  readonly models: Pick<Models, 'defaultAlias' | 'router' | 'engineStats'>;
  readonly database: 'embedded' | 'server';
  /** Takes nothing more in, hands over what streams, and closes everything, within `worker.finishMs` and 15 s. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Puts all roles together in this process and starts them.
 *
 * @throws {ExpectedFailure} `setup`, in a sentence an operator can act on; what was opened is closed again
 * @throws `signal.reason` when `signal` aborts first, likewise
 */
export async function startParley(config: ParleyConfig, options: ComposeOptions): Promise<Parley> {
  const stops = new StopStack(options.log, config.worker.finishMs + CLOSE_MS);
  try {
    return await compose(config, options, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function compose(config: ParleyConfig, options: ComposeOptions, stops: StopStack): Promise<Parley> {
  const { serve } = options;
  const serving = await composeServingFoundation(config, { ...options, alone: true }, stops);
  const { foundation, models, fleet } = serving;
  const router = fleet?.directory ?? models.router;
  const ports = composeInbox(foundation, router);
  const platforms = await platformsOn(foundation, ports);
  const reports = composeReports(foundation);
  const { deliveries } = platforms;
  await composeWorker(foundation, {
    ...{ deliveries, fleet, reports },
    router: models.router,
    upkeep: models.upkeep,
  });
  const web = composeWeb(foundation, { ports, router, reports });
  const address = serve ? await web.listen(config.web) : null;
  const connected = serve ? composeGateway(platforms, stops) : [];
  reportPlatforms(connected, reports, foundation);
  return {
    web,
    address,
    platforms: connected,
    models,
    database: foundation.database,
    stop: () => stops.run(),
  };
}
