import { DEFAULT_SAMPLING, mergeSampling, type SamplingOverrides } from '../../../src/domain/sampling.js';
import type {
  GenerationRequest,
  ModelProvider,
  StreamPart,
} from '../../../src/ports/models/model-provider.js';

type Finish = Extract<StreamPart, { type: 'finish' }>;

export interface ReadReply {
  readonly text: string;
  readonly deltas: readonly string[];
  /** Each place in the queue, in the order they were told. */
  readonly places: readonly number[];
  readonly finish: Finish;
}

/** Requests of one test: `said` is what the person says unless a prompt is given. */
export interface AskOptions {
  readonly said?: string;
  readonly prompt?: GenerationRequest['prompt'];
  readonly cacheKey?: string;
  readonly sampling?: SamplingOverrides;
  readonly signal?: AbortSignal;
}

export function openStream(
  provider: ModelProvider,
  model: string,
  options: AskOptions = {},
): AsyncIterable<StreamPart> {
  const { said = 'Hello!', cacheKey = 'one', signal = new AbortController().signal } = options;
  const prompt = options.prompt ?? [{ role: 'user', content: said }];
  // Greedy unless a test says otherwise: the same answer each time.
  const sampling = mergeSampling(options.sampling ?? {}, {
    ...DEFAULT_SAMPLING,
    temperature: 0,
    repeatPenalty: 1,
  });
  return provider.stream({ model, prompt, cacheKey, sampling }, signal);
}

/** Reads a reply to its end. */
export async function readReply(
  provider: ModelProvider,
  model: string,
  options: AskOptions = {},
): Promise<ReadReply> {
  const deltas: string[] = [];
  const places: number[] = [];
  let finish: Finish | null = null;
  for await (const part of openStream(provider, model, options)) {
    if (part.type === 'delta') deltas.push(part.text);
    else if (part.type === 'queued') places.push(part.ahead);
    else finish = part;
  }
  if (finish === null) throw new Error('the stream ended without a finish');
  return { text: deltas.join(''), deltas, places, finish };
}
