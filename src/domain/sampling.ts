/** A sampling parameter that is a number. */
export interface SamplingNumber {
  /** What commands, the HTTP API and exports call it. */
  readonly wire: string;
  /** Least and most that it may be. */
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

/** The numbers that always hold, with what they are where nobody sets them. */
export const DEFAULTED_NUMBERS = {
  /** 0 always takes the likeliest token. */
  temperature: { wire: 'temperature', min: 0, max: 2, whole: false, default: 0.7 },
  /** Keep the k likeliest tokens; 0 keeps all. */
  topK: { wire: 'top_k', min: 0, max: 1000, whole: true, default: 40 },
  /** Keep the likeliest tokens that together have this probability. */
  topP: { wire: 'top_p', min: 0, max: 1, whole: false, default: 0.95 },
  /** Drop tokens below this share of the likeliest one. */
  minP: { wire: 'min_p', min: 0, max: 1, whole: false, default: 0.05 },
  /** 1 turns it off. */
  repeatPenalty: { wire: 'repeat_penalty', min: 0.5, max: 2, whole: false, default: 1.1 },
  /** Longest reply, in tokens. */
  maxTokens: { wire: 'max_tokens', min: 1, max: 32_768, whole: true, default: 1024 },
} as const satisfies Record<string, SamplingNumber & { readonly default: number }>;

/** Every parameter that is a number, in the order in which people see them. Whatever lists them is made from this. */
export const SAMPLING_NUMBERS = {
  ...DEFAULTED_NUMBERS,
  /** Same seed, same prompt, same engine: same text. Unset: random. */
  seed: { wire: 'seed', min: 0, max: 4_294_967_295, whole: true },
} as const satisfies Record<string, SamplingNumber>;

export type NumberName = keyof typeof SAMPLING_NUMBERS;

/** At most this many stop sequences, each of at most `length` UTF-16 code units. */
export const STOP_LIMITS = { count: 8, length: 64 } as const;

/** How the next token is chosen. What each number does stands at `SAMPLING_NUMBERS`. */
export type SamplingParameters = { readonly [K in keyof typeof DEFAULTED_NUMBERS]: number } & {
  readonly seed?: number;
  /** Texts that end the reply; not part of it. */
  readonly stop: readonly string[];
};

export type SamplingOverrides = {
  readonly [K in keyof SamplingParameters]?: SamplingParameters[K] | undefined;
};

export const DEFAULT_SAMPLING: SamplingParameters = {
  ...forEachNumber(DEFAULTED_NUMBERS, (number) => number.default),
  stop: [],
};

type Numbers = Readonly<Record<string, SamplingNumber>>;

/** What `make` makes for each number of `table`, by its name in the domain. */
export function forEachNumber<Table extends Numbers, Made>(
  table: Table,
  make: (number: Table[keyof Table], name: keyof Table) => Made,
): { readonly [K in keyof Table]: Made } {
  const made = Object.entries(table).map(([name, number]) => [
    name,
    make(number as Table[keyof Table], name),
  ]);
  return Object.fromEntries(made);
}

/** What `make` makes for each number of `table`, by its name on the wire. */
export function forEachOnWire<Table extends Numbers, Made>(
  table: Table,
  make: (number: Table[keyof Table], name: keyof Table) => Made,
): { readonly [K in keyof Table as Table[K]['wire']]: Made } {
  const made = Object.entries(table).map(([name, number]) => [
    number.wire,
    make(number as Table[keyof Table], name),
  ]);
  return Object.fromEntries(made);
}

/** What is set, by its names on the wire. */
export function samplingOnWire(sampling: SamplingOverrides): Readonly<Record<string, unknown>> {
  const numbers = forEachOnWire(SAMPLING_NUMBERS, (_number, name) => sampling[name]);
  const set = Object.entries({ ...numbers, stop: sampling.stop }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set);
}

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
