import type { Prompt } from '../../domain/prompt.js';
import type { SamplingParameters } from '../../domain/sampling.js';
import type { FinishReason, TokenUsage } from '../../domain/turn.js';

export interface GenerationRequest {
  /** The provider's own name of the model. */
  readonly model: string;
  readonly prompt: Prompt;
  readonly sampling: SamplingParameters;
  /** Requests with the same key share a prefix: a local model keeps it warm. */
  readonly cacheKey: string;
}

/** Fragments of a reply, in the order they come. */
export type StreamPart =
  | { readonly type: 'queued' /** Requests ahead of this one, at least 1. */; readonly ahead: number }
  | { readonly type: 'delta' /** Never empty. One or more whole tokens. */; readonly text: string }
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly usage: TokenUsage;
      /** Milliseconds from taking up the request to the first token; null where there was none. */
      readonly timeToFirstTokenMs: number | null;
      readonly tokensPerSecond: number | null;
    };

/** Something that can continue a prompt: a local model or a hosted API. */
export interface ModelProvider {
  /**
   * Tokens that prompt and reply may use together. A local model is loaded for it, and fetched where it is not here.
   *
   * @throws {ExpectedFailure} where the model cannot be had
   * @throws `signal.reason`, soon after `signal` aborts
   */
  contextWindow(model: string, signal?: AbortSignal): Promise<number>;

  /**
   * Tokens of `prompt` as this model would read it, template included. Local models count exactly;
   * hosted ones estimate from above.
   */
  countTokens(model: string, prompt: Prompt, signal?: AbortSignal): Promise<number>;

  /**
   * Yields text deltas, then exactly one `finish`.
   *
   * @throws {ExpectedFailure} of any kind but `delivery-failed`
   * @throws `signal.reason`, soon after `signal` aborts
   */
  stream(request: GenerationRequest, signal: AbortSignal): AsyncIterable<StreamPart>;

  /** Frees the model and all it holds. May be called twice. */
  stop(): Promise<void>;
}
