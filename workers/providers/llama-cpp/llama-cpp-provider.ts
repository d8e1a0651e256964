import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Prompt } from '../../../src/domain/prompt.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { Log } from '../../../src/ports/log.js';
import type { GenerationRequest, ModelProvider, StreamPart } from '../../../src/ports/model-provider.js';
import type { EngineInfo, EngineStats, GpuChoice, LoadOptions } from '../../engine/protocol.js';
import { forgetStates } from '../../engine/state-cache.js';
import { EngineProcess } from './engine-process.js';
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
  /** Where conversations wait that lost their slot. Without it they are evaluated again. */
  readonly stateCache?: { readonly folder: string; readonly maxBytes: number };
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
  #stopped = false;

  constructor(options: LlamaCppOptions) {
    this.#options = options;
  }

  /** Loads a model before it is needed. */
  async load(model: string, signal?: AbortSignal): Promise<EngineInfo> {
    return (await this.#engine(model).acquire(signal)).info;
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

  /** Drops what is kept of a conversation, in engines and on disk: a person asked to be forgotten. */
  async forget(cacheKey: string): Promise<void> {
    for (const engine of this.#engines.values()) engine.current?.forget(cacheKey);
    const { stateCache } = this.#options;
    if (stateCache) await forgetStates(stateCache.folder, cacheKey);
  }

  async contextWindow(model: string): Promise<number> {
    return (await this.load(model)).contextSize;
  }

  async countTokens(model: string, prompt: Prompt, signal?: AbortSignal): Promise<number> {
    for (let tries = 1; ; tries++) {
      const engine = await this.#engine(model).acquire(signal);
      try {
        return await engine.countTokens(prompt, signal);
      } catch (error) {
        if (engine.alive || tries === TRIES || signal?.aborted === true) throw error;
      }
    }
  }

  async *stream(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
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
    await Promise.all([...this.#engines.values()].map((engine) => engine.stop()));
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
