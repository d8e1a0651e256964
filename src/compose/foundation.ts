import { loadPersonas } from '../config/load-personas.js';
import type { ParleyConfig } from '../config/parley-config.js';
import type { Address } from '../domain/address.js';
import type { Persona } from '../domain/persona.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { ConversationId } from '../domain/turn.js';
import { createNumbersRollUp } from '../fleet/roll-up-numbers.js';
import { createSweeper } from '../fleet/rounds.js';
import { settingsReader } from '../pipeline/context/settings-at.js';
import { assistant } from '../pipeline/personas/assistant.js';
import { medical } from '../pipeline/personas/medical.js';
import type { ModelRoutes } from '../ports/fleet/model-routes.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { Tracing } from '../ports/telemetry/tracing.js';
import type { StopStack } from '../process/stop-stack.js';
import type { PrometheusMetrics } from '../telemetry/prometheus-metrics.js';
import { composeQueue, type Queues } from './queue.js';
import { composeStorage } from './storage.js';
import { composeTracing } from './telemetry.js';
import { composeWakeUps, type WakeUpQueues } from './wake-ups.js';

/** Lost wake-ups and abandoned turns are looked for this often, and taken for lost at this age. */
const SWEEP = { everyMs: 1_000, olderThanMs: 5_000 };

export interface FoundationOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: PrometheusMetrics;
  /** Closes what is opened here. */
  readonly stops: StopStack;
  /** The alias that answers where nobody chose another. */
  readonly defaultAlias: string;
  /** null outside a fleet. */
  readonly routes: ModelRoutes | null;
  /** Told of each conversation that lost text, here or in another process. */
  readonly onForgotten?: (conversation: ConversationId) => void;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

/** Whether one thing that a process needs is there. */
export interface Readiness {
  readonly name: string;
  readonly ok: boolean;
  readonly reason?: string;
}

/** What every role stands on: the database, the queue, personas and settings. */
export interface Foundation {
  readonly config: ParleyConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: PrometheusMetrics;
  readonly tracing: Tracing;
  readonly stops: StopStack;
  readonly database: 'embedded' | 'server';
  readonly stores: Awaited<ReturnType<typeof composeStorage>>['stores'];
  readonly queue: Queues;
  readonly wakeUps: WakeUpQueues;
  readonly personas: ReadonlyMap<string, Persona>;
  readonly settingsAt: (address: Address) => Promise<EffectiveSettings>;
  /** Whether database and queue are there. */
  readiness(): Promise<readonly Readiness[]>;
}

/**
 * Opens what a role stands on, and begins to look for lost wake-ups: every process does, so that one is enough.
 *
 * @throws {ExpectedFailure} `setup`, in a sentence an operator can act on
 * @throws `signal.reason` when `signal` aborts first
 */
export async function composeFoundation(
  config: ParleyConfig,
  options: FoundationOptions,
): Promise<Foundation> {
  const { clock, log, metrics, stops, defaultAlias, routes, onForgotten = () => {}, signal } = options;
  const tracing = await composeTracing(config, stops);
  const personas = await loadPersonas({ shipped: [assistant, medical], ...config.personas });
  signal.throwIfAborted();
  const storage = await composeStorage(config, {
    clock,
    log,
    signal,
    onForgotten: (conversation) => {
      onForgotten(conversation);
      queue.live.publishForgotten(conversation);
      // A worker ends what the askers of its waiting turns were shown; a wake-up that is lost is added by the sweeper.
      wakeUps.add({ conversationId: conversation }).catch((err: unknown) => {
        log.warn({ conversation, err }, 'a forgotten conversation was not woken up');
      });
    },
  });
  stops.add(() => storage.stop());
  signal.throwIfAborted();
  const queue = composeQueue(config, storage.database, { clock, log });
  stops.add(() => queue.stop());
  await queue.prepare();
  signal.throwIfAborted();
  queue.live.onForgotten(onForgotten);
  const wakeUps = composeWakeUps(queue, routes);
  const { upkeep } = storage.stores;
  metrics.watch({ backlog: () => upkeep.backlog(), queueDepths: () => queue.depths() });
  const defaults: EffectiveSettings = {
    model: defaultAlias,
    persona: config.personas.default,
    language: config.language,
    memory: config.memory,
    followThreads: config.followThreads,
    sampling: {},
  };
  const settingsAt = settingsReader(defaults, storage.stores.settings);
  const sweeper = createSweeper({ upkeep, wakeUps, settingsAt, clock, log, ...SWEEP });
  sweeper.start();
  stops.add(() => sweeper.stop());
  const { numbers, leases } = storage.stores;
  const rollUp = createNumbersRollUp({ numbers, leases, clock, log });
  rollUp.start();
  stops.add(() => rollUp.stop());
  return {
    config,
    clock,
    log,
    metrics,
    tracing,
    stops,
    database: storage.database.kind,
    stores: storage.stores,
    queue,
    wakeUps,
    personas,
    settingsAt,
    readiness: async () => [await storage.check(), await queue.check(wakeUps.general)],
  };
}
