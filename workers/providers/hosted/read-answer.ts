import {
  type InferenceClient,
  InferenceClientError,
  InferenceClientInputError,
  InferenceClientProviderApiError,
} from '@huggingface/inference';
import type { Dispatcher } from 'undici';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { FinishReason, TokenUsage } from '../../../src/domain/turn.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import { AnswerChunk, finishReasonOf, usageOf } from './answer-chunk.js';
import { failureOf, rubbish, streamError } from './endpoint-failure.js';
import { createExchange, type Exchange, RequestRefused } from './exchange.js';
import type { ResolvedEndpoint } from './hosted-endpoint.js';
import type { HostedLimits } from './hosted-limits.js';
import type { RequestBody } from './request-body.js';
import { abortWith, createWatchdog, type Watchdog } from './watchdog.js';

export type AnswerEvent =
  /** A token has come; its text is empty where it is hidden reasoning. */
  | { readonly type: 'token'; readonly text: string }
  | {
      readonly type: 'end';
      readonly reason: Exclude<FinishReason, 'stopped'>;
      /** Null where the endpoint gave none. */
      readonly usage: TokenUsage | null;
    };

export interface AnswerOptions {
  readonly client: InferenceClient;
  readonly endpoint: ResolvedEndpoint;
  readonly dispatcher: Dispatcher;
  readonly limits: HostedLimits;
  readonly clock: Clock;
}

/**
 * Sends one request and yields its tokens, then one `end`. Leaving it early ends the request.
 *
 * @throws {ExpectedFailure} for whatever the endpoint does wrong, or not in time
 * @throws {RequestRefused} where the endpoint minds something in `body`
 * @throws `signal.reason` when `signal` aborts
 */
export async function* readAnswer(
  options: AnswerOptions,
  body: RequestBody,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const { client, endpoint, limits, clock } = options;
  const attempt = new AbortController();
  const unbind = abortWith(attempt, signal);
  const watchdog = createWatchdog(clock);
  const exchange = createExchange({ ...options, signal: attempt.signal });
  const late = (what: string) => () =>
    attempt.abort(new ExpectedFailure('provider-unavailable', `${endpoint.name} ${what}`));
  let reason: Exclude<FinishReason, 'stopped'> | null = null;
  let usage: TokenUsage | null = null;
  try {
    watchdog.set(limits.firstTokenMs, late(`gave no token within ${limits.firstTokenMs} ms`));
    const chunks = client.chatCompletionStream(body, { fetch: exchange.fetch });
    for await (const raw of chunks) {
      const chunk = parseChunk(raw, endpoint);
      usage = usageOf(chunk) ?? usage;
      const choice = chunk.choices?.find(({ index }) => index === 0);
      if (choice?.delta?.isToken && reason === null) {
        // A slow reader is no fault of the endpoint.
        watchdog.clear();
        yield { type: 'token', text: choice.delta.text };
        watchdog.set(
          limits.betweenTokensMs,
          late(`went silent for ${limits.betweenTokensMs} ms in its reply`),
        );
      }
      if (choice?.finish_reason) {
        const meaning = finishReasonOf(choice.finish_reason);
        if (meaning === 'broken') throw rubbish(endpoint.name, 'gave up its reply');
        reason = meaning;
        watchdog.set(limits.trailerMs, late('did not end its stream'));
      }
    }
    if (reason === null && !exchange.ended()) throw rubbish(endpoint.name, 'cut off its reply');
    await finishReading(exchange, watchdog, limits, attempt);
  } catch (error) {
    // The reply is whole already: a poor end of the stream takes nothing from it.
    if (reason === null || signal.aborted) throw failureFrom(error, endpoint, attempt.signal);
  } finally {
    watchdog.clear();
    unbind();
    attempt.abort();
  }
  yield { type: 'end', reason: reason ?? 'stop', usage };
}

async function finishReading(
  exchange: Exchange,
  watchdog: Watchdog,
  limits: HostedLimits,
  attempt: AbortController,
): Promise<void> {
  watchdog.set(limits.trailerMs, () => attempt.abort());
  await exchange.drain().catch(() => {});
}

function parseChunk(raw: unknown, endpoint: ResolvedEndpoint): AnswerChunk {
  const parsed = AnswerChunk.safeParse(raw);
  if (!parsed.success) throw rubbish(endpoint.name, 'sent an event that is no part of a chat completion');
  return parsed.data;
}

/** The client's own errors hold the request: what leaves here does not. */
function failureFrom(error: unknown, endpoint: ResolvedEndpoint, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ExpectedFailure || error instanceof RequestRefused) return error;
  if (error instanceof InferenceClientProviderApiError) {
    return failureOf(endpoint.name, streamError(error.httpResponse.body), endpoint.token);
  }
  if (error instanceof InferenceClientInputError) {
    return new ExpectedFailure(
      'provider-rejected',
      `${endpoint.name}: the provider chosen for this model does not offer it for chats`,
    );
  }
  if (error instanceof SyntaxError) return rubbish(endpoint.name, 'sent broken JSON');
  if (error instanceof InferenceClientError)
    return rubbish(endpoint.name, 'gave an answer that cannot be read');
  return error;
}
