import { ExpectedFailure, type FailureKind } from '../domain/failure.js';
import { DEFAULT_SAMPLING, mergeSampling, type SamplingOverrides } from '../domain/sampling.js';
import type { ModelProvider } from '../ports/models/model-provider.js';
import type { ModelRouter, ModelSummary, RoutedPart, RoutedRequest } from '../ports/models/model-router.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import { type Metrics, NO_METRICS } from '../ports/telemetry/metrics.js';
import { answerOnce, type Candidate, reseeded } from './answer-once.js';
import { fallbackChains } from './fallback-chains.js';
import { createReasoningHabits } from './reasoning-habits.js';

/** One alias and what it stands for. */
export interface RouterEntry {
  readonly alias: string;
  /** One line for people who choose a model. */
  readonly description: string;
  readonly runs: 'local' | 'hosted';
  /** Key in `providers`. */
  readonly provider: string;
  /** The provider's name of the model. */
  readonly model: string;
  /** Defaults of this model; a conversation's own settings come before them. */
  readonly sampling?: SamplingOverrides;
  /** Tokens. Default: what the provider says. */
  readonly contextWindow?: number;
  /** Aliases to try when this one fails, in order, each followed by its own fallbacks. */
  readonly fallbacks?: readonly string[];
  /** Whether answers begin inside hidden reasoning without an opening tag. Default: found out. */
  readonly beginsInReasoning?: boolean;
  /** SPDX identifier of what the weights may be used under. */
  readonly license?: string;
}

export interface ModelRouterOptions {
  /** In the order that people see. */
  readonly entries: readonly RouterEntry[];
  readonly defaultAlias: string;
  /** Tells of each answer which aliases are asked here; of the others, fallbacks alone. Default: all. */
  readonly serves?: Pick<ReadonlySet<string>, 'has'>;
  readonly providers: ReadonlyMap<string, ModelProvider>;
  /** Default: always `ready`. */
  readonly state?: (alias: string) => ModelSummary['state'];
  /** What is known of a local model's file, and whether it is in memory. Default: nothing. */
  readonly file?: (alias: string) => Pick<ModelSummary, 'sizeBytes' | 'progress' | 'loaded'>;
  readonly log: Log;
  readonly clock: Clock;
  /** Default: nothing is counted. */
  readonly metrics?: Pick<Metrics, 'providerFailed'>;
  /** In [0, 1), for new seeds. */
  readonly random?: () => number;
}

/** Another model may do better. A `bad-input` stays bad, and a bug is for the job to fail on. */
const FALLS_BACK: ReadonlySet<FailureKind> = new Set([
  'provider-unavailable',
  'provider-overloaded',
  'provider-rejected',
  'model-missing',
  'context-overflow',
  'empty-answer',
]);

interface TriedModel {
  readonly alias: string;
  readonly failure: ExpectedFailure;
}

/** @throws {ExpectedFailure} `setup` for fallbacks in a circle, and names that stand for nothing */
export function createModelRouter(options: ModelRouterOptions): ModelRouter {
  const { entries, providers, log, clock, metrics = NO_METRICS, random = Math.random } = options;
  const chains = fallbackChains(entries);
  if (!chains.has(options.defaultAlias)) {
    throw new ExpectedFailure('setup', `the default model "${options.defaultAlias}" is no model here`);
  }
  const isServed = (alias: string) => options.serves?.has(alias) ?? true;
  // What is not served yet may be later, but is no reason to have a key for it.
  const able = entries.filter(({ alias, provider }) => isServed(alias) || providers.has(provider));
  const candidates = new Map(able.map((entry) => [entry.alias, candidateOf(entry, providers)]));
  const habits = createReasoningHabits(
    new Map(
      entries.flatMap(({ model, beginsInReasoning: sure }) => (sure === undefined ? [] : [[model, sure]])),
    ),
  );
  const windows = new Map<string, number>();

  async function windowOf(candidate: RouterCandidate, signal: AbortSignal): Promise<number> {
    const { alias, provider, model, entry } = candidate;
    const window = entry.contextWindow ?? (await provider.contextWindow(model, signal));
    windows.set(alias, window);
    return window;
  }

  /** One model, and once more where it said nothing, or broke off in what nobody sees: its provider tries no more then. */
  async function* tryModel(
    candidate: RouterCandidate,
    request: RoutedRequest,
    signal: AbortSignal,
  ): AsyncGenerator<RoutedPart> {
    const { alias, provider, model, entry } = candidate;
    const sampling = mergeSampling(request.overrides, entry.sampling ?? {}, DEFAULT_SAMPLING);
    const contextWindow = await windowOf(candidate, signal);
    const prompt = await request.prompt({
      alias,
      contextWindow,
      sampling,
      countTokens: (counted) => provider.countTokens(model, counted, signal),
    });
    signal.throwIfAborted();
    const asked = { model, prompt, sampling, cacheKey: request.cacheKey };
    const progress = { heard: false, shown: false };
    try {
      yield* answerOnce(candidate, asked, habits, clock, signal, progress);
    } catch (error) {
      const empty = isKind(error, 'empty-answer');
      const brokeOff = isKind(error, 'provider-unavailable') && progress.heard && !progress.shown;
      if (signal.aborted || !(empty || brokeOff)) throw error;
      const what = empty ? 'was empty' : 'broke off before its first word';
      log.warn({ alias }, `the answer ${what}: asking the same model once more`);
      const again = empty ? { ...asked, sampling: reseeded(sampling, random) } : asked;
      yield* answerOnce(candidate, again, habits, clock, signal);
    }
  }

  async function* stream(request: RoutedRequest, signal: AbortSignal): AsyncGenerator<RoutedPart> {
    const chain = chains.get(request.alias);
    if (!chain) throw new ExpectedFailure('bad-input', `there is no model "${request.alias}"`);
    const tried: TriedModel[] = [];
    const here = chain.filter(isServed).flatMap((alias) => candidates.get(alias) ?? []);
    if (here.length === 0)
      throw new ExpectedFailure('model-unserved', `no worker serves the model "${request.alias}"`);
    for (const [at, candidate] of here.entries()) {
      signal.throwIfAborted();
      const { alias } = candidate;
      let shown = false;
      try {
        for await (const part of tryModel(candidate, request, signal)) {
          if (part.type === 'delta') shown = true;
          yield part;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ExpectedFailure) metrics.providerFailed(alias, error.kind);
        if (shown || !(error instanceof ExpectedFailure) || !FALLS_BACK.has(error.kind)) throw error;
        tried.push({ alias, failure: error });
        const next = here[at + 1]?.alias;
        log.warn({ alias, kind: error.kind, reason: error.message, next }, 'a model could not answer');
      }
    }
    throw allFailed(tried);
  }

  return {
    models: () =>
      entries.map(({ alias, description, runs, contextWindow, license, sampling = {} }) => ({
        ...options.file?.(alias),
        ...(license !== undefined && { license }),
        sampling: mergeSampling(sampling, DEFAULT_SAMPLING),
        alias,
        description,
        runs,
        contextWindow: contextWindow ?? windows.get(alias) ?? null,
        state: options.state?.(alias) ?? 'ready',
        isDefault: alias === options.defaultAlias,
      })),
    has: (alias) => chains.has(alias),
    stream,
  };
}

type RouterCandidate = Candidate & { readonly entry: RouterEntry };

function candidateOf(entry: RouterEntry, providers: ReadonlyMap<string, ModelProvider>): RouterCandidate {
  const provider = providers.get(entry.provider);
  if (!provider) {
    // Not by its key: that may name more of an endpoint than a log should hold.
    throw new ExpectedFailure('setup', `what runs the model "${entry.alias}" is not set up`);
  }
  return { alias: entry.alias, provider, model: entry.model, entry };
}

function isKind(error: unknown, kind: FailureKind): boolean {
  return error instanceof ExpectedFailure && error.kind === kind;
}

/** The first one's kind: that is the model that was asked for. Worth trying again where any of them is. */
function allFailed(tried: readonly TriedModel[]): ExpectedFailure {
  const [first] = tried;
  if (!first) throw new Error('a chain without a model');
  const waits = tried.flatMap(({ failure }) => failure.retryAfterMs ?? []);
  const reasons = tried.map(({ alias, failure }) => `${alias} (${failure.message})`).join(', then ');
  return new ExpectedFailure(first.failure.kind, `no answer from ${reasons}`, {
    retryable: tried.some(({ failure }) => failure.retryable),
    ...(waits.length > 0 && { retryAfterMs: Math.min(...waits) }),
    cause: first.failure,
  });
}
