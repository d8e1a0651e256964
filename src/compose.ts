import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { createWebAdapter, type WebAdapter } from '../adapters/web/create-web-adapter.js';
import { forgetLogExport, type LogExport, startLogExport } from '../workers/log-export/start-log-export.js';
import { startReplyWorker } from '../workers/reply-worker/start-reply-worker.js';
import { composeModels, type Models } from './compose-models.js';
import { type ConnectedPlatform, composePlatforms } from './compose-platforms.js';
import { composeQueue } from './compose-queue.js';
import { composeStorage } from './compose-storage.js';
import { loadPersonas } from './config/load-personas.js';
import type { ParleyConfig } from './config/parley-config.js';
import type { ModelCatalog } from './models/catalog/model-catalog.js';
import { COMMANDS } from './pipeline/commands/definitions.js';
import { openInbox } from './pipeline/open-inbox.js';
import { assistant } from './pipeline/personas/assistant.js';
import { medical } from './pipeline/personas/medical.js';
import { settingsReader } from './pipeline/settings-at.js';
import { createSweeper } from './pipeline/sweep.js';
import type { Clock } from './ports/clock.js';
import type { CommandInvocation } from './ports/inbox.js';
import type { Log } from './ports/log.js';
import { StopStack } from './stop-stack.js';

/** A claim is renewed three times before it runs out; a dead worker's turn waits this long at most. */
const LEASE = { leaseMs: 10_000, renewEveryMs: 3_000 };
/** Lost wake-ups and abandoned turns are looked for this often, and taken for lost at this age. */
const SWEEP = { everyMs: 2_000, olderThanMs: 5_000 };
/** Conversations one process answers at once: nearly all of that time is waiting for a model. */
const CONCURRENCY = 64;
/** What a stop leaves to replies being written before they are handed over. */
const STOP_GRACE_MS = 5_000;

export interface ComposeOptions {
  readonly catalog: ModelCatalog;
  readonly clock: Clock;
  readonly log: Log;
  /** False for a chat in the terminal: no platform is connected and no port opened. */
  readonly serve: boolean;
}

/** A running Parley. */
export interface Parley {
  readonly web: WebAdapter;
  /** Where the HTTP API listens; null where it does not. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly platforms: readonly ConnectedPlatform[];
  readonly models: Pick<Models, 'defaultAlias' | 'router' | 'engineStats'>;
  readonly database: 'embedded' | 'server';
  /** Takes nothing more in, hands over what streams, and closes everything, within about 30 s. May be called twice. */
  stop(): Promise<void>;
}

const WAKE_UP = z.strictObject({ conversationId: z.int().positive() });
const EXPORT = z.strictObject({ turnId: z.int().positive() });
/** Over two hours, at most one apart. What is still due then comes up again with the sweep. */
const EXPORT_RETRY = { attempts: 14, retry: { firstMs: 1_000, lastMs: 3_600_000 } };

/**
 * Puts Parley together and starts it.
 *
 * @throws {ExpectedFailure} `setup`, in a sentence an operator can act on; what was opened is closed again
 */
export async function startParley(config: ParleyConfig, options: ComposeOptions): Promise<Parley> {
  const stops = new StopStack(options.log);
  try {
    return await compose(config, options, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function compose(config: ParleyConfig, options: ComposeOptions, stops: StopStack): Promise<Parley> {
  const { clock, log, serve, catalog } = options;
  const personas = await loadPersonas({ shipped: [assistant, medical], ...config.personas });
  const models = await composeModels(config, catalog, { clock, log });
  stops.add(() => models.stop());
  const warming = new AbortController();
  stops.add(async () => warming.abort());
  void warmUp(models, log, warming.signal);

  const storage = await composeStorage(config, {
    clock,
    log,
    onForgotten: (conversation) => models.forget(conversation),
  });
  stops.add(() => storage.stop());
  const { turns, memory, settings, usage, facts, history, exports } = storage.stores;
  const queue = composeQueue(config, storage.database, { clock, log });
  stops.add(() => queue.stop());
  const { live, budget } = queue;
  const wakeUps = queue.open('wake-ups', WAKE_UP, ({ conversationId }) => `conversation-${conversationId}`);

  const settingsAt = settingsReader(
    {
      model: models.defaultAlias,
      persona: config.personas.default,
      language: config.language,
      memory: config.memory,
      followThreads: config.followThreads,
      sampling: {},
    },
    settings,
  );
  const inbox = openInbox({
    definitions: COMMANDS,
    turns,
    memory,
    settings,
    usage,
    router: models.router,
    personas,
    clock,
    live,
    wakeUps,
    settingsAt,
    limits: config.limits,
    mayChange: (invocation) => mayChangeSettings(config, invocation),
  });

  const logExport = await composeLogExport();
  const platforms = await composePlatforms(config, { inbox, live, facts, commands: COMMANDS, clock, log });
  const defaultPersona = personas.get(config.personas.default) ?? assistant;
  if (storage.database.kind === 'embedded') await turns.abandonLeases('everyone');
  const owner = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const worker = startReplyWorker(
    wakeUps,
    owner,
    {
      turns,
      memory,
      settingsAt,
      personas,
      defaultPersona,
      router: models.router,
      deliveries: platforms.deliveries,
      budget,
      live,
      clock,
      log,
      lease: LEASE,
      attentionAfterMs: config.delivery.callAttention === 'off' ? null : config.delivery.callAttentionAfterMs,
      onEnded: async (turn) => logExport?.onEnded(turn.id),
    },
    CONCURRENCY,
  );
  stops.add(() => worker.stop(STOP_GRACE_MS));
  const sweeper = createSweeper({ turns, wakeUps, clock, log, ...SWEEP });
  sweeper.start();
  stops.add(() => sweeper.stop());

  const web = createWebAdapter({
    inbox,
    liveEvents: live,
    turns,
    memory,
    history,
    router: models.router,
    commands: COMMANDS,
    readiness: async () => [await storage.check(), await queue.check(wakeUps)],
    clock,
    log,
    ...(config.web.apiKey === null ? {} : { apiKey: config.web.apiKey }),
  });
  stops.add(() => web.stop());
  const address = serve ? await web.listen(config.web) : null;
  const connected = serve ? platforms.connect() : [];
  for (const platform of connected) stops.add(() => platform.stop());
  return {
    web,
    address,
    platforms: connected,
    models,
    database: storage.database.kind,
    stop: () => stops.run(),
  };

  async function composeLogExport(): Promise<LogExport | null> {
    if (config.logExport === null) {
      await forgetLogExport(facts);
      return null;
    }
    const jobs = queue.open('log-export', EXPORT, ({ turnId }) => `turn-${turnId}`, EXPORT_RETRY);
    const started = await startLogExport({ ...config.logExport, turns, exports, jobs, facts, clock, log });
    stops.add(() => started.stop(STOP_GRACE_MS));
    return started;
  }
}

/** Who may change settings, as the operator decided; in a direct message everyone may. */
function mayChangeSettings(
  { settingsAdmins }: ParleyConfig,
  { address, author, mayManage }: CommandInvocation,
): boolean {
  if (address.kind === 'direct') return true;
  const admins = address.platform === 'discord' ? settingsAdmins.discord : settingsAdmins.slack;
  if (admins === 'everyone') return true;
  return admins === 'manage-channel' ? mayManage : admins.includes(author.id);
}

/** Loads the model while the rest starts. A model that cannot be loaded is told in the first reply as well. */
async function warmUp(models: Models, log: Log, signal: AbortSignal): Promise<void> {
  try {
    await models.warmUp(signal);
  } catch (error) {
    if (!signal.aborted)
      log.warn({ model: models.defaultAlias, err: error }, 'the default model is not ready');
  }
}
