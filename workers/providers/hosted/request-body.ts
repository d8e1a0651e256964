import type { chatCompletionStream } from '@huggingface/inference';
import type { SamplingParameters } from '../../../src/domain/sampling.js';
import type { GenerationRequest } from '../../../src/ports/models/model-provider.js';

/** What `InferenceClient.chatCompletionStream` sends. */
export type RequestBody = Parameters<typeof chatCompletionStream>[0];

/** What tells the client where to go for a model. */
export type Route = Pick<RequestBody, 'endpointUrl' | 'model' | 'provider'>;

/** OpenAI's limit; the rest is the stop scanner's. */
const MOST_STOPS = 4;

/**
 * The body of one request, without the parameters this endpoint does not take for this model.
 *
 * @param refused - names the endpoint has refused; `max_tokens` among them becomes `max_completion_tokens`
 */
export function requestBody(
  request: GenerationRequest,
  route: Route,
  refused: ReadonlySet<string>,
): RequestBody {
  const body: RequestBody = {
    ...route,
    messages: request.prompt.map(({ role, content }) => ({ role, content })),
  };
  for (const [name, value] of Object.entries(parameters(request.sampling))) {
    if (value !== undefined && !refused.has(name)) body[name] = value;
  }
  if (refused.has('max_tokens') && !refused.has('max_completion_tokens')) {
    body['max_completion_tokens'] = request.sampling.maxTokens;
  }
  return body;
}

/** Everything that may be left out where it is not wanted. vLLM and TGI say `repetition_penalty`, llama.cpp `repeat_penalty`. */
function parameters(sampling: SamplingParameters) {
  const stop = sampling.stop.filter((text) => text !== '').slice(0, MOST_STOPS);
  const penalty = sampling.repeatPenalty === 1 ? undefined : sampling.repeatPenalty;
  return {
    stream_options: { include_usage: true },
    max_tokens: sampling.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP === 1 ? undefined : sampling.topP,
    seed: sampling.seed,
    stop: stop.length === 0 ? undefined : stop,
    top_k: sampling.topK === 0 ? undefined : sampling.topK,
    min_p: sampling.minP === 0 ? undefined : sampling.minP,
    repetition_penalty: penalty,
    repeat_penalty: penalty,
  };
}

/** Parameters outside OpenAI's own: the first to go where an endpoint does not say what it minds. */
const EXTENSIONS = ['top_k', 'min_p', 'repetition_penalty', 'repeat_penalty'];
const DROPPABLE = [
  ...EXTENSIONS,
  'stream_options',
  'seed',
  'stop',
  'top_p',
  'temperature',
  'max_tokens',
  'max_completion_tokens',
];

const OBJECTION =
  /unknown|unrecogni[sz]ed|unsupported|not supported|does not support|unexpected|not permitted|not allowed|forbidden|cannot find|additional propert|extra (inputs|fields)|invalid (argument|parameter)/i;

/**
 * Which of the parameters sent an endpoint minds, judged by its error: those it names, else all extensions.
 *
 * @param answer - body of the error, any form
 * @returns none where the error is about something else
 */
export function refusedParameters(status: number, answer: string, sent: RequestBody): string[] {
  if ((status !== 400 && status !== 422) || !OBJECTION.test(answer)) return [];
  const candidates = DROPPABLE.filter((name) => name in sent);
  const named = candidates.filter((name) => names(answer, name));
  // "Use max_completion_tokens instead" names both.
  if (named.length > 0) return named;
  return /param|argument|field|propert|input/i.test(answer)
    ? candidates.filter((name) => EXTENSIONS.includes(name))
    : [];
}

/** Plain words must be in quotation marks: "stop" is also an English word. */
function names(answer: string, name: string): boolean {
  return name.includes('_')
    ? new RegExp(`(?<![\\w])${name}(?![\\w])`).test(answer)
    : new RegExp(`["'\`]${name}\\\\?["'\`]`).test(answer);
}
