import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Prompt } from '../../../src/domain/prompt.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { Log } from '../../../src/ports/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/metrics.js';
import type { GenerationRequest, ModelProvider, StreamPart } from '../../../src/ports/model-provider.js';
import type { EngineInfo, EngineStats, GpuChoice, LoadOptions } from '../../engine/protocol.js';
import { forgetStates } from '../../engine/state-cache.js';
import { EngineProcess } from './engine-process.js';
import { IdleWatch } from './idle-watch.js';
import { SupervisedEngine } from './supervised-engine.js';
import { machineCores, threadBudget } from './thread-budget.js';

/** Where a model's weights lie, and how to run them. */
export interface LocalModelFile {
  /** The GGUF file; of a split model, its first part. */
  readonly path: string;
  /** Tokens per slot that prompt and reply share; capped at what the model was trained on. Default 4096. */
  readonly contextSize?: number;
  /** Conversations answered at once; each takes memory for `contextSize` tokens. Default 4. */
  readonly slots?: number;
  /** Default `auto`: a GPU where there is one. */
  readonly gpu?: GpuChoice;
  /** Default: the cores of the machine or container, less one. Never more than there are. */
  readonly threads?: number;
  /** Adapters over the weights; `scale` defaults to 1. */
  readonly lora?: readonly { readonly path: string; readonly scale?: number }[];
}

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
}

const DEFAULT_CONTEXT_SIZE = 4096;
const DEFAULT_SLOTS = 4;
const DEFAULT_LOAD_TIMEOUT_MS = 300_000;
/** Engines tried for a request of which nothing was heard: another's prompt may have brought the first one down. */
const TRIES = 2;

/** Runs GGUF models on this machine, each in a child process of its own. */
export class LlamaCppProvider implements ModelProvider {
  readonly #options: LlamaCppOptions;
  readonly #engines = new Map<string, SupervisedEngine>();
  /** Replies under way. What is forgotten during one may stand in its prompt, which then is forgotten as well. */
  readonly #streams = new Set<{ readonly cacheKey: string; forgotten: boolean }>();
  readonly #watches = new Map<string, IdleWatch>();
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
    const { clock, unload } = this.#options;
    if (unload === undefined || unload.except === model) return () => undefined;
    let watch = this.#watches.get(model);
    if (watch === undefined) {
      watch = new IdleWatch(clock, unload.afterMs, () => this.#engines.get(model)?.unload());
      this.#watches.set(model, watch);
    }
    return watch.enter();
  }

  #engine(model: string): SupervisedEngine {
    if (this.#stopped) throw new ExpectedFailure('provider-unavailable', 'The local engine was stopped.');
    const known = this.#engines.get(model);
    if (known) return known;
    const { clock, log, engineEntry, findModel, loadTimeoutMs = DEFAULT_LOAD_TIMEOUT_MS } = this.#options;
    const engine = new SupervisedEngine({
      model,
      clock,
      log,
      metrics: this.#options.metrics ?? NO_METRICS,
      start: async (signal, onLoadCrash) => {
        const load = await this.#loadOptions(await findModel(model, signal));
        return EngineProcess.start(
          { entry: engineEntry, model, load, clock, log, loadTimeoutMs, onLoadCrash },
          signal,
        );
      },
    });
    this.#engines.set(model, engine);
    return engine;
  }

  async #loadOptions(file: LocalModelFile): Promise<LoadOptions> {
    const { cores, quota } = await machineCores();
    return {
      path: file.path,
      contextSize: file.contextSize ?? DEFAULT_CONTEXT_SIZE,
      slots: file.slots ?? DEFAULT_SLOTS,
      gpu: file.gpu ?? 'auto',
      threads: threadBudget(cores, quota, file.threads ?? null),
      lora: (file.lora ?? []).map(({ path, scale }) => ({ path, scale: scale ?? 1 })),
      stateCache: this.#options.stateCache ?? null,
    };
  }
}
