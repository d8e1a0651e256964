import { ExpectedFailure } from '../domain/failure.js';
import type { SamplingParameters } from '../domain/sampling.js';
import type { GenerationRequest, ModelProvider } from '../ports/models/model-provider.js';
import type { RoutedPart } from '../ports/models/model-router.js';
import type { Clock } from '../ports/process/clock.js';
import { createAnswerGuard } from './answer-guard.js';
import { createReasoningFilter } from './hidden-reasoning.js';
import type { ReasoningHabits } from './reasoning-habits.js';

/** What answers, under the name it is known by. */
export interface Candidate {
  readonly alias: string;
  readonly provider: ModelProvider;
  /** The provider's name of the model. */
  readonly model: string;
}

/** How far an answer came. */
export interface AnswerProgress {
  /** The model said something. */
  heard: boolean;
  /** Some of it was worth showing. */
  shown: boolean;
}

/**
 * One answer of one model: without hidden reasoning, and nothing at all before it is worth showing.
 *
 * @param progress - kept up to date; still there where this throws
 * @throws {ExpectedFailure} `empty-answer` for nothing, only whitespace, or one token repeated;
 *   else what the provider throws
 */
export async function* answerOnce(
  candidate: Candidate,
  request: GenerationRequest,
  habits: ReasoningHabits,
  clock: Clock,
  signal: AbortSignal,
  progress: AnswerProgress = { heard: false, shown: false },
): AsyncGenerator<RoutedPart> {
  const { alias, provider, model } = candidate;
  const startedAt = clock.now();
  let firstAt: number | null = null;
  let tokens = 0;
  const began = habits.beginning(model);
  const reasoning = createReasoningFilter(began);
  const guard = createAnswerGuard();

  function* show(text: string): Generator<RoutedPart> {
    if (text === '') return;
    if (!progress.shown) yield { type: 'model', alias, sampling: request.sampling };
    progress.shown = true;
    yield { type: 'delta', text };
  }

  for await (const part of provider.stream(request, signal)) {
    if (part.type === 'queued') {
      yield part;
    } else if (part.type === 'delta') {
      firstAt ??= clock.now();
      progress.heard = true;
      tokens++;
      const visible = reasoning.push(part.text);
      if (visible === '') continue;
      const { text, verdict } = guard.push(visible);
      if (verdict === 'degenerate') throw emptyAnswer('only repeated one token');
      yield* show(text);
      if (verdict === 'looping') {
        yield await looped(candidate, request, tokens, startedAt, firstAt, clock, signal);
        return;
      }
    } else {
      const complete = part.reason === 'stop';
      const rest = reasoning.flush(complete);
      const last = rest === '' ? '' : guard.push(rest).text;
      if (complete) habits.learn(model, began, reasoning.found());
      const held = guard.flush();
      if (held === null) throw withheld(part.reason === 'content-filter');
      yield* show(last + held);
      yield part;
      return;
    }
  }
  throw new Error(`the provider of "${alias}" ended without a finish`);
}

/** The end of a reply that went round in circles. The provider's own count never came. */
async function looped(
  { provider, model }: Candidate,
  { prompt }: GenerationRequest,
  tokens: number,
  startedAt: number,
  firstAt: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<RoutedPart> {
  const seconds = (clock.now() - firstAt) / 1000;
  return {
    type: 'finish',
    reason: 'length',
    usage: { prompt: await provider.countTokens(model, prompt, signal), cached: 0, reply: tokens },
    timeToFirstTokenMs: firstAt - startedAt,
    tokensPerSecond: seconds > 0 ? (tokens - 1) / seconds : null,
  };
}

function withheld(byFilter: boolean): ExpectedFailure {
  return byFilter
    ? new ExpectedFailure('provider-rejected', 'the content filter let nothing through')
    : emptyAnswer('said nothing');
}

function emptyAnswer(what: string): ExpectedFailure {
  return new ExpectedFailure('empty-answer', what);
}

/** The same request with another seed, so that the same empty answer does not come again. */
export function reseeded(sampling: SamplingParameters, random: () => number): SamplingParameters {
  const seed = sampling.seed === undefined ? Math.floor(random() * 2 ** 32) : (sampling.seed + 1) % 2 ** 32;
  return { ...sampling, seed };
}
