import { InferenceClient, setLogger } from '@huggingface/inference';
import { Agent, type Dispatcher } from 'undici';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import { StopScanner } from '../../../src/domain/text/stop-scanner.js';
import type {
  GenerationRequest,
  ModelProvider,
  StreamPart,
} from '../../../src/ports/models/model-provider.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import { createEndpointBreaker } from './endpoint-breaker.js';
import { estimatePromptTokens, estimateTokens } from './estimate-tokens.js';
import { RequestRefused } from './exchange.js';
import { type HostedEndpoint, resolveEndpoint } from './hosted-endpoint.js';
import { DEFAULT_HOSTED_LIMITS, type HostedLimits } from './hosted-limits.js';
import { type AnswerEvent, readAnswer } from './read-answer.js';
import { refusedParameters, requestBody } from './request-body.js';
import { retryDelay } from './retry-delay.js';
import { WaitingLine } from './waiting-line.js';
import { abortWith, createWatchdog } from './watchdog.js';

export interface HostedProviderOptions {
  readonly endpoint: HostedEndpoint;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Pick<Metrics, 'breaker'>;
  /** What differs from `DEFAULT_HOSTED_LIMITS`. */
  readonly limits?: Partial<HostedLimits>;
  /** Waits for one of `limits.concurrent` places that other processes share; returns what gives it back. */
  readonly sharedPlace?: (signal: AbortSignal) => Promise<() => void>;
  /** Tokens that prompt and reply share, by model name. */
  readonly contextWindows?: Readonly<Record<string, number>>;
  /** For models not listed. Default: 8192, which today's hosted chat models all have. */
  readonly defaultContextWindow?: number;
  /** In [0, 1), for the jitter of retries. */
  readonly random?: () => number;
  /** Stands between us and the network. Default: nothing does. */
  readonly intercept?: Dispatcher.DispatcherComposeInterceptor;
}

/** How an answer began: its first text or its end has come. */
interface BegunAnswer {
  readonly first: AnswerEvent;
  readonly rest: AsyncGenerator<AnswerEvent>;
  /** Milliseconds since 1970; null where no token came. */
  readonly firstTokenAt: number | null;
}

/**
 * Models behind a chat completions API: Hugging Face's router, or any endpoint in OpenAI's manner.
 *
 * @throws {ExpectedFailure} `setup` for an address that cannot be one
 */
export function createHostedProvider(options: HostedProviderOptions): ModelProvider {
  const { clock, log, random = Math.random, contextWindows = {}, defaultContextWindow = 8192 } = options;
  const endpoint = resolveEndpoint(options.endpoint);
  const limits = { ...DEFAULT_HOSTED_LIMITS, ...options.limits };
  const client = new InferenceClient(endpoint.token, { retry_on_error: false });
  const tell = (message: string) => log.warn({ endpoint: endpoint.name }, message);
  // The console is where it would write else.
  setLogger({ debug() {}, info() {}, log() {}, warn: tell, error: tell });
  const agent = new Agent({ connect: { timeout: limits.connectMs }, headersTimeout: 0, bodyTimeout: 0 });
  const dispatcher = options.intercept ? agent.compose(options.intercept) : agent;
  const breaker = createEndpointBreaker(endpoint.name, limits, log, options.metrics ?? NO_METRICS);
  const line = new WaitingLine(limits.concurrent, limits.waiting);
  const windows = new Map(Object.entries(contextWindows));
  const refusedByModel = new Map<string, ReadonlySet<string>>();
  const running = new Set<AbortController>();
  let closed: Promise<void> | undefined;
  const noLongerUsed = () =>
    new ExpectedFailure('provider-unavailable', `${endpoint.name} is no longer used`);

  /** One request up to its first text, so that the breaker and retries see it, and nothing has been shown. */
  async function begin(request: GenerationRequest, signal: AbortSignal): Promise<BegunAnswer> {
    const refused = refusedByModel.get(request.model) ?? new Set<string>();
    const body = requestBody(request, endpoint.route(request.model), refused);
    const rest = readAnswer({ client, endpoint, dispatcher, limits, clock }, body, signal);
    let firstTokenAt: number | null = null;
    try {
      for (;;) {
        const next = await rest.next();
        if (next.done) throw new Error('an answer ended without its end');
        if (next.value.type === 'end' || next.value.text !== '') {
          if (next.value.type === 'token') firstTokenAt ??= clock.now();
          return { first: next.value, rest, firstTokenAt };
        }
        firstTokenAt ??= clock.now();
      }
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      if (error.failure.kind === 'context-overflow') throw error.failure;
      const minded = refusedParameters(error.status, error.body, body).filter((name) => !refused.has(name));
      if (minded.length === 0) throw error.failure;
      log.info({ endpoint: endpoint.name, model: request.model, parameters: minded }, 'parameters not taken');
      refusedByModel.set(request.model, new Set([...refused, ...minded]));
      return begin(request, signal);
    }
  }

  async function beginWithRetries(request: GenerationRequest, signal: AbortSignal): Promise<BegunAnswer> {
    const startedAt = clock.now();
    for (let tries = 1; ; tries++) {
      try {
        return await breaker.run(() => begin(request, signal));
      } catch (error) {
        signal.throwIfAborted();
        const wait = retryDelay(error, tries, clock.now() - startedAt, limits, random());
        if (wait === null) throw error;
        const kind = error instanceof ExpectedFailure ? error.kind : 'bug';
        log.warn({ endpoint: endpoint.name, kind, tries, waitMs: wait }, 'trying the endpoint again');
        await clock.sleep(wait, signal);
      }
    }
  }

  async function* answer(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    const startedAt = clock.now();
    const { first, rest, firstTokenAt } = await beginWithRetries(request, signal);
    const stops = new StopScanner(request.sampling.stop);
    let text = '';
    let end: Extract<AnswerEvent, { type: 'end' }> = { type: 'end', reason: 'stop', usage: null };
    try {
      for (let event = first; ; ) {
        if (event.type === 'end') {
          const held = stops.end();
          end = held.stopped ? { ...event, reason: 'stop' } : event;
          text += held.text;
          if (held.text !== '') yield { type: 'delta', text: held.text };
          break;
        }
        const shown = stops.push(event.text);
        const fits = cutText(shown.text, limits.replyLength - text.length);
        text += fits;
        if (fits !== '') yield { type: 'delta', text: fits };
        // The rest may be here already: then no socket tells of an abort.
        signal.throwIfAborted();
        if (shown.stopped) break;
        if (fits.length < shown.text.length) {
          end = { ...end, reason: 'length' };
          break;
        }
        const next = await rest.next();
        if (next.done) break;
        event = next.value;
      }
    } finally {
      await rest.return(undefined);
    }
    signal.throwIfAborted();
    const usage = end.usage ?? {
      prompt: estimatePromptTokens(request.prompt),
      cached: 0,
      reply: estimateTokens(text),
    };
    const seconds = firstTokenAt === null ? 0 : (clock.now() - firstTokenAt) / 1000;
    yield {
      type: 'finish',
      reason: end.reason,
      usage,
      timeToFirstTokenMs: firstTokenAt === null ? null : firstTokenAt - startedAt,
      tokensPerSecond: seconds > 0 && usage.reply > 1 ? (usage.reply - 1) / seconds : null,
    };
  }

  async function* stream(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    if (closed) throw noLongerUsed();
    const work = new AbortController();
    running.add(work);
    const unbind = abortWith(work, signal);
    const watchdog = createWatchdog(clock);
    const late = (kind: 'provider-overloaded' | 'provider-unavailable', what: string) => () =>
      work.abort(new ExpectedFailure(kind, `${endpoint.name} ${what}`));
    let leave: (() => void) | undefined;
    let leaveShared: (() => void) | undefined;
    try {
      watchdog.set(limits.waitMs, late('provider-overloaded', `had no place within ${limits.waitMs} ms`));
      leave = yield* line.enter(work.signal);
      leaveShared = await options.sharedPlace?.(work.signal);
      watchdog.set(limits.totalMs, late('provider-unavailable', `took longer than ${limits.totalMs} ms`));
      yield* answer(request, work.signal);
    } catch (error) {
      throw work.signal.aborted ? work.signal.reason : error;
    } finally {
      watchdog.clear();
      unbind();
      running.delete(work);
      leaveShared?.();
      leave?.();
    }
  }

  return {
    contextWindow: async (model) => windows.get(model) ?? defaultContextWindow,
    countTokens: async (_model, prompt) => estimatePromptTokens(prompt),
    stream,
    stop() {
      for (const work of running) work.abort(noLongerUsed());
      closed ??= agent.destroy();
      return closed;
    },
  };
}
