import type { Prompt } from '../../domain/prompt.js';
import type { SamplingOverrides, SamplingParameters } from '../../domain/sampling.js';
import type { StreamPart } from './model-provider.js';

/** One model of a fallback chain, as the prompt builder sees it. */
export interface RoutedModel {
  readonly alias: string;
  readonly contextWindow: number;
  readonly sampling: SamplingParameters;
  countTokens(prompt: Prompt): Promise<number>;
}

export interface RoutedRequest {
  readonly alias: string;
  readonly overrides: SamplingOverrides;
  readonly cacheKey: string;
  /** Called once per model tried: each has its own window and tokenizer. */
  prompt(model: RoutedModel): Promise<Prompt>;
}

export type RoutedPart =
  | StreamPart
  /** Precedes the first delta: which alias answers, and with which parameters. */
  | { readonly type: 'model'; readonly alias: string; readonly sampling: SamplingParameters };

export interface ModelSummary {
  readonly alias: string;
  readonly description: string;
  readonly runs: 'local' | 'hosted';
  /** Tokens; null until known. */
  readonly contextWindow: number | null;
  readonly state: 'ready' | 'loading' | 'not-downloaded' | 'unavailable';
  readonly isDefault: boolean;
  /** Of a local model's file; left out where unknown. */
  readonly sizeBytes?: number;
  /** 0 to 1 while the file is got or checked; left out at other times, and where nobody knows. */
  readonly progress?: number;
  /** Of a local model: whether it is in memory. Left out where this process cannot know. */
  readonly loaded?: boolean;
  /** SPDX identifier of what the weights may be used under, where known. */
  readonly license?: string;
  /** Parameters where nobody sets any. Default: `DEFAULT_SAMPLING`. */
  readonly sampling?: SamplingParameters;
}

/** Chooses who answers: an alias, then its fallbacks, until one has shown text. */
export interface ModelRouter {
  models(): readonly ModelSummary[];
  has(alias: string): boolean;

  /**
   * Yields `queued` any number of times, `model`, text deltas without hidden reasoning, then one `finish`.
   *
   * @throws {ExpectedFailure} once every model of the chain has failed, with the first one's kind
   * @throws `signal.reason`, soon after `signal` aborts
   */
  stream(request: RoutedRequest, signal: AbortSignal): AsyncIterable<RoutedPart>;
}
