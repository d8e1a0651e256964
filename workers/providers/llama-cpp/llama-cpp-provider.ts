import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Prompt } from '../../../src/domain/prompt.js';
import { MINUTE_MS } from '../../../src/domain/time/duration.js';
import type {
  GenerationRequest,
  ModelProvider,
  StreamPart,
} from '../../../src/ports/models/model-provider.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import type { EngineInfo, EngineStats } from '../../engine/protocol.js';
import { forgetStates } from '../../engine/state-cache.js';
import { EngineProcess } from './engine-process.js';
import { IdleWatch } from './idle-watch.js';
import { type LocalModelFile, loadOptions } from './load-options.js';
import type { EngineStart } from './start-engine.js';
import { SupervisedEngine } from './supervised-engine.js';

export interface LlamaCppOptions {
  /**
   * Finds a model's file, downloading it where needed. Asked once, before the model is first loaded.
   *
   * @throws {ExpectedFailure} `model-missing` where it cannot be had, `provider-rejected` where nobody knows it
   */
  readonly findModel: (model: string, signal: AbortSignal) => Promise<LocalModelFile>;
  /** Path of the compiled `workers/engine/main`. */
  readonly engineEntry: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Pick<Metrics, 'engineStarted' | 'engineCrashed'>;
  /** Where conversations wait that lost their slot. Without it they are evaluated again. */
  readonly stateCache?: { readonly folder: string; readonly maxBytes: number };
  /** Models that nobody used for so long are unloaded, all but one. Default: never. */
  readonly unload?: { readonly afterMs: number; readonly except: string };
  /** Default 5 minutes: many gigabytes from a slow disk. */
  readonly loadTimeoutMs?: number;
  /** Told how each load ended: null, or one sentence on why it failed. */
  readonly onLoaded?: (model: string, problem: string | null) => void;
}

const DEFAULT_LOAD_TIMEOUT_MS = 5 * MINUTE_MS;
/** Engines tried for a request of which nothing was heard: another's prompt may have brought the first one down. */
const TRIES = 2;
const UNFORESEEN = 'It could not be loaded, for a reason that only the log tells.';

/** Runs GGUF models on this machine, each in a child process of its own. */
export class LlamaCppProvider implements ModelProvider {
  readonly #options: LlamaCppOptions;
  readonly #engines = new Map<string, SupervisedEngine>();
  /** Replies under way. What is forgotten during one may stand in its prompt, which then is forgotten as well. */
  readonly #streams = new Set<{ readonly cacheKey: string; forgotten: boolean }>();
  readonly #watches = new Map<string, IdleWatch>();
  readonly #uses = new Map<string, number>();
  /** Of models being loaded, 0 to 1. */
  readonly #progress = new Map<string, number>();
  #stopped = false;

  constructor(options: LlamaCppOptions) {
    this.#options = options;
  }

  /** Loads a model before it is needed. */
  async load(model: string, signal?: AbortSignal): Promise<EngineInfo> {
    const leave = this.#use(model);
    try {
      return (await this.#engine(model).acquire(signal)).info;
    } finally {
      leave();
    }
  }

  /** What is known of a model without loading it. */
  state(model: string): 'ready' | 'loading' | 'idle' {
    const engine = this.#engines.get(model);
    if (engine?.current) return 'ready';
    return engine?.loading ? 'loading' : 'idle';
  }

  /** Replies being written by a model, or waiting for it, and other uses. */
  uses(model: string): number {
    return this.#uses.get(model) ?? 0;
  }

  /** How much of a model is loaded, 0 to 1; null where it is not being loaded. */
  loadProgress(model: string): number | null {
    return this.#progress.get(model) ?? null;
  }

  /** What a model runs with; null where it does not run. */
  info(model: string): EngineInfo | null {
    return this.#engines.get(model)?.current?.info ?? null;
  }

  /**
   * Frees a model; who asks it next waits for `afterwards` and has it loaded again.
   *
   * @throws what `afterwards` throws
   */
  unload(model: string, afterwards?: () => Promise<void>): Promise<void> {
    return this.#engine(model).unload(afterwards);
  }

  /** Numbers of a running engine; null where it does not run. */
  async stats(model: string): Promise<(EngineInfo & EngineStats) | null> {
    const engine = this.#engines.get(model)?.current;
    return engine ? { ...engine.info, ...(await engine.stats()) } : null;
  }

  /** Numbers of every engine that runs now. */
  async running(): Promise<readonly (EngineInfo & EngineStats & { readonly model: string })[]> {
    const models = [...this.#engines.keys()];
    const all = await Promise.all(
      models.map(async (model) => {
        const stats = await this.stats(model);
        return stats ? [{ model, ...stats }] : [];
      }),
    );
    return all.flat();
  }

  /** Drops what is kept of a conversation, in engines and on disk: a person asked to be forgotten. */
  async forget(cacheKey: string): Promise<void> {
    for (const stream of this.#streams) if (stream.cacheKey === cacheKey) stream.forgotten = true;
    await Promise.all([...this.#engines.values()].map((engine) => engine.current?.forget(cacheKey)));
    // One that is being unloaded takes no word any more, and may be saving just this conversation.
    await Promise.all([...this.#engines.values()].map((engine) => engine.unloaded()));
    const { stateCache } = this.#options;
    if (stateCache) await forgetStates(stateCache.folder, cacheKey);
  }

  async contextWindow(model: string, signal?: AbortSignal): Promise<number> {
    return (await this.load(model, signal)).contextSize;
  }

  async countTokens(model: string, prompt: Prompt, signal?: AbortSignal): Promise<number> {
    const leave = this.#use(model);
    try {
      for (let tries = 1; ; tries++) {
        const engine = await this.#engine(model).acquire(signal);
        try {
          return await engine.countTokens(prompt, signal);
        } catch (error) {
          if (engine.alive || tries === TRIES || signal?.aborted === true) throw error;
        }
      }
    } finally {
      leave();
    }
  }

  async *stream(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    const { cacheKey } = request;
    const stream = { cacheKey, forgotten: false };
    const leave = this.#use(request.model);
    this.#streams.add(stream);
    try {
      yield* this.#stream(request, signal);
    } finally {
      this.#streams.delete(stream);
      leave();
      if (stream.forgotten) await this.forget(cacheKey);
    }
  }

  async *#stream(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    for (let tries = 1; ; tries++) {
      const engine = await this.#engine(request.model).acquire(signal);
      let said = false;
      try {
        for await (const part of engine.stream(request, signal)) {
          said ||= part.type !== 'queued';
          yield part;
        }
        return;
      } catch (error) {
        if (said || engine.alive || tries === TRIES || signal.aborted) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const watch of this.#watches.values()) watch.stop();
    await Promise.all([...this.#engines.values()].map((engine) => engine.stop()));
  }

  /** Keeps a model loaded until the returned function is called, and a while longer. */
  #use(model: string): () => void {
    const leave = this.#watch(model);
    this.#uses.set(model, this.uses(model) + 1);
    return () => {
      this.#uses.set(model, this.uses(model) - 1);
      leave();
    };
  }

  #watch(model: string): () => void {
    const { clock, unload } = this.#options;
    if (unload === undefined || unload.except === model) return () => undefined;
    let watch = this.#watches.get(model);
    if (watch === undefined) {
      watch = new IdleWatch(clock, unload.afterMs, () => void this.#engines.get(model)?.unload());
      this.#watches.set(model, watch);
    }
    return watch.enter();
  }

  #engine(model: string): SupervisedEngine {
    if (this.#stopped) throw new ExpectedFailure('provider-unavailable', 'The local engine was stopped.');
    const known = this.#engines.get(model);
    if (known) return known;
    const { clock, log, engineEntry, loadTimeoutMs = DEFAULT_LOAD_TIMEOUT_MS } = this.#options;
    const engine = new SupervisedEngine({
      model,
      clock,
      log,
      metrics: this.#options.metrics ?? NO_METRICS,
      start: (signal, onLoadCrash) =>
        this.#start(model, signal, { entry: engineEntry, model, clock, log, loadTimeoutMs, onLoadCrash }),
    });
    this.#engines.set(model, engine);
    return engine;
  }

  async #start(model: string, signal: AbortSignal, start: Omit<EngineStart, 'load'>): Promise<EngineProcess> {
    const { findModel, onLoaded, stateCache } = this.#options;
    try {
      const load = await loadOptions(await findModel(model, signal), stateCache ?? null);
      const onLoadProgress = (progress: number) => void this.#progress.set(model, progress);
      const engine = await EngineProcess.start({ ...start, load, onLoadProgress }, signal);
      onLoaded?.(model, null);
      return engine;
    } catch (error) {
      if (!signal.aborted) onLoaded?.(model, error instanceof ExpectedFailure ? error.message : UNFORESEEN);
      throw error;
    } finally {
      this.#progress.delete(model);
    }
  }
}
