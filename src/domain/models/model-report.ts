/** What an administrator can have done with a model. `cancel` ends another order that is being carried out. */
export const MODEL_ACTIONS = ['pull', 'check', 'load', 'unload', 'delete', 'cancel'] as const;
export type ModelAction = (typeof MODEL_ACTIONS)[number];

/** `failed`: its file could not be had, is damaged, or would not load; `problem` says what to do. */
export const MODEL_STATES = [
  'missing',
  'pulling',
  'on-disk',
  'loading',
  'loaded',
  'failed',
  'hosted',
] as const;
export type ModelState = (typeof MODEL_STATES)[number];

/** One model as one worker has it. */
export interface ModelReport {
  /** Never `auto`. */
  readonly alias: string;
  readonly description: string;
  readonly runs: 'local' | 'hosted';
  readonly state: ModelState;
  /** Of its file; null for a hosted one, and where it is not known before it is here. */
  readonly sizeBytes: number | null;
  /** Tokens that prompt and reply share; null until known. */
  readonly contextWindow: number | null;
  /** 0 to 1 of what goes on; null where nothing does, or it cannot be told how far it is. */
  readonly progress: number | null;
  /** The order that is being carried out. */
  readonly doing: ModelAction | null;
  /** Replies that it is writing, and other uses. */
  readonly uses: number;
  /** Whose its file is: only what Parley downloaded is ever deleted. Null where it is not here. */
  readonly file: 'downloaded' | 'given' | null;
  /** Whether this worker answers turns that ask for it. */
  readonly served: boolean;
  /** One sentence: what went wrong last, and what to do. */
  readonly problem: string | null;
  /** When its whole file was read last, since this worker started. */
  readonly checked: ModelCheck | null;
}

export interface ModelCheck {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ok: boolean;
  readonly problem: string | null;
}

/** What a worker says of its models. */
export interface WorkerReport {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** In the catalog's order. */
  readonly models: readonly ModelReport[];
}
