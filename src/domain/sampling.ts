/** How the next token is chosen. */
export interface SamplingParameters {
  readonly temperature: number;
  /** Keep the k likeliest tokens; 0 keeps all. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  /** 1 turns it off. */
  readonly repeatPenalty: number;
  /** Longest reply, in tokens. */
  readonly maxTokens: number;
  /** Same seed, same prompt, same engine: same text. Unset: random. */
  readonly seed?: number;
  /** Texts that end the reply; not part of it. */
  readonly stop: readonly string[];
}

export type SamplingOverrides = {
  readonly [K in keyof SamplingParameters]?: SamplingParameters[K] | undefined;
};

export const DEFAULT_SAMPLING: SamplingParameters = {
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repeatPenalty: 1.1,
  maxTokens: 1024,
  stop: [],
};

/** Inclusive bounds of each number, and whether it is whole. The edges validate against these. */
export const SAMPLING_RANGES = {
  temperature: { min: 0, max: 2, whole: false },
  topK: { min: 0, max: 1000, whole: true },
  topP: { min: 0, max: 1, whole: false },
  minP: { min: 0, max: 1, whole: false },
  repeatPenalty: { min: 0.5, max: 2, whole: false },
  maxTokens: { min: 1, max: 32_768, whole: true },
  seed: { min: 0, max: 4_294_967_295, whole: true },
} as const;

/** At most this many stop sequences, each of at most `length` UTF-16 code units. */
export const STOP_LIMITS = { count: 8, length: 64 } as const;

/** The first value given for each parameter wins: strongest overrides first, defaults last. */
export function mergeSampling(
  ...layers: readonly [...SamplingOverrides[], SamplingParameters]
): SamplingParameters {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) if (merged[name] === undefined) merged[name] = value;
  }
  return merged as unknown as SamplingParameters;
}
