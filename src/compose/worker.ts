import { z } from 'zod';
import {
  forgetLogExport,
  type LogExport,
  startLogExport,
} from '../../workers/log-export/start-log-export.js';
import { type ReplyWorker, startReplyWorker } from '../../workers/reply-worker/start-reply-worker.js';
import { HOUR_MS } from '../domain/time/duration.js';
import type { ClaimedTurn } from '../domain/turn.js';
import { attendModels } from '../fleet/attend-models.js';
import { createCredentialEraser, createSettingsClearing } from '../fleet/expiry.js';
import { keepReported } from '../fleet/keep-reported.js';
import { placedModels, placeTurn } from '../fleet/place-turn.js';
import type { ServedHere } from '../models/catalog/served-here.js';
import { assistant } from '../pipeline/personas/assistant.js';
import type { Reports } from '../ports/fleet/reports.js';
import type { ModelRouter } from '../ports/models/model-router.js';
import { type Fleet, processName } from './fleet.js';
import type { Foundation } from './foundation.js';
import type { Models } from './models.js';
import { type Platforms, TOKEN_VARIABLES } from './platforms.js';
import { LOG_EXPORT_QUEUE } from './queue.js';

/** A claim is renewed three times before it runs out; a dead worker's turn waits this long, and for a sweep. */
const LEASE = { leaseMs: 3_500, renewEveryMs: 1_100 };
/** Conversations one process answers at once: nearly all of that time is waiting for a model. */
const CONCURRENCY = 64;
/** What a worker needs to stop beside the time its replies get. */
const STOP_LIMIT_MS = 10_000;
/** What a stop leaves to posts of the log export. */
const EXPORT_GRACE_MS = 5_000;

const EXPORT = z.strictObject({ turnId: z.int().positive() });
/** Over two hours, at most one apart. What is still due then comes up again with the sweep. */
const EXPORT_RETRY = { attempts: 14, retry: { firstMs: 1_000, lastMs: HOUR_MS } };

export interface WorkerParts {
  readonly router: ModelRouter;
  readonly deliveries: Platforms['deliveries'];
  readonly upkeep: Models['upkeep'];
  readonly reports: Reports;
  /** null outside a fleet: there is no other worker. */
  readonly fleet: ServingInFleet | null;
}

export interface ServingInFleet extends Pick<Fleet, 'routes' | 'announce'> {
  readonly served: ServedHere;
}

/** Answers turns: the reply worker, and what looks after turns that have ended. */
export async function composeWorker(foundation: Foundation, parts: WorkerParts): Promise<void> {
  const { config, clock, log, metrics, personas, queue, stops, stores, tracing, wakeUps } = foundation;
  const { router, deliveries, fleet, reports, upkeep } = parts;
  const { claims, memory, waiting } = stores;
  const logExport = await composeLogExport(foundation, fleet !== null);
  if (foundation.database === 'embedded') await stores.upkeep.abandonLeases('everyone');
  const owner = processName();
  const { callAttention, callAttentionAfterMs } = config.delivery;
  const { finishMs } = config.worker;
  const worker = startReplyWorker(
    wakeUps.servedBy(fleet?.served.aliases() ?? new Set()),
    owner,
    {
      router: fleet === null ? router : placedModels(router, fleet.routes),
      deliveries,
      wakeUps,
      claims,
      waiting,
      memory,
      settingsAt: fleet === null ? foundation.settingsAt : withAuto(foundation, fleet.served),
      personas,
      defaultPersona: personas.get(config.personas.default) ?? assistant,
      tokenVariables: TOKEN_VARIABLES,
      budget: queue.budget,
      live: queue.live,
      clock,
      log,
      metrics,
      tracing,
      lease: LEASE,
      attentionAfterMs: callAttention === 'off' ? null : callAttentionAfterMs,
      onEnded: async (turn) => logExport?.onEnded(turn.id),
      ...(fleet === null ? {} : { place: placing(foundation, fleet) }),
    },
    CONCURRENCY,
  );
  stops.add(() => worker.stop(finishMs), finishMs + STOP_LIMIT_MS);
  if (fleet !== null) stops.add(followServed(owner, fleet, worker, wakeUps));
  if (logExport !== null) {
    const kept = keepReported(owner, async () => logExport.report(), {
      ...{ name: 'log export reports', clock, log },
      reports: reports.logExports,
    });
    stops.add(() => kept.stop());
  }
  const attending = attendModels(owner, { upkeep, reports, clock, log });
  stops.add(() => attending.stop());
  const eraser = createCredentialEraser({ upkeep: stores.upkeep, clock, log });
  eraser.start();
  stops.add(() => eraser.stop());
  const clearing = createSettingsClearing({ settings: stores.settings, clock, log });
  clearing.start();
  stops.add(() => clearing.stop());
}

/** Takes the turns of what this worker serves, and tells the fleet of it, as that changes: until the returned function is called. */
function followServed(
  owner: string,
  { served, announce }: ServingInFleet,
  worker: Pick<ReplyWorker, 'takeFrom'>,
  wakeUps: Pick<Foundation['wakeUps'], 'servedBy'>,
): () => Promise<void> {
  const announcement = announce(owner, () => served.aliases());
  const unfollow = served.onChanged(() => {
    worker.takeFrom(wakeUps.servedBy(served.aliases()));
    void announcement.renew();
  });
  return async () => {
    unfollow();
    await announcement.stop();
  };
}

/** Hands on what other workers are to answer. */
function placing({ settingsAt, stores, wakeUps }: Foundation, { routes, served }: ServingInFleet) {
  const deps = { serves: served, routes, wakeUps, claims: stores.claims, settingsAt };
  return (turn: ClaimedTurn) => placeTurn(turn, deps);
}

/** The settings in force, with the model that `auto` stands for on this machine. */
function withAuto({ settingsAt }: Foundation, served: ServedHere): Foundation['settingsAt'] {
  return async (address) => {
    const settings = await settingsAt(address);
    return settings.model === 'auto' ? { ...settings, model: served.first } : settings;
  };
}

async function composeLogExport(foundation: Foundation, inFleet: boolean): Promise<LogExport | null> {
  const { config, clock, log, queue, stops, stores } = foundation;
  const { exports, facts } = stores;
  if (config.logExport === null) {
    // Another worker may have LOGGING_URL, or get it back: this one cannot tell that the export is turned off for all.
    if (!inFleet) await forgetLogExport(facts);
    return null;
  }
  const jobs = queue.open(LOG_EXPORT_QUEUE, EXPORT, ({ turnId }) => `turn-${turnId}`, EXPORT_RETRY);
  const started = await startLogExport({ ...config.logExport, exports, jobs, facts, clock, log });
  stops.add(() => started.stop(EXPORT_GRACE_MS));
  return started;
}
