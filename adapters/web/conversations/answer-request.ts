import type { z } from '@hono/zod-openapi';
import { parseAccept } from 'hono/utils/accept';
import type { TokenUsage, TurnId, TurnOutcome } from '../../../src/domain/turn.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import {
  type Problem,
  problemBody,
  problemOfError,
  problemOfOutcome,
  problemResponse,
} from '../http/problem.js';
import type { Answer, AnswerEvent } from '../http/response-schemas.js';
import { catchUp } from './answer-text.js';
import { type Wait, WaitEnded, type Waits } from './waits.js';
import { type WatchDependencies, watchTurn } from './watch-turn.js';

export interface AnswerDependencies extends WatchDependencies {
  readonly waits: Waits;
}

/** The turn a request waits for. */
export interface AwaitedTurn {
  readonly turnId: TurnId;
  readonly conversationId: string;
  /** Turns of the conversation to be answered first. */
  readonly ahead: number;
  /** It began before this request came. */
  readonly begun?: boolean;
  /** A client that goes away, or waits too long, does not stop the answer. */
  readonly keepGoing?: boolean;
}

const JSON_TYPE = 'application/json';
const EVENTS_TYPE = 'text/event-stream';

/** A stream says something at least this often, in ms, so that nothing between takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Waits for a turn and answers with it: JSON, or server-sent events where the client prefers them.
 *
 * @param client - the request that asked; its signal aborts when the client goes away
 */
export function answerRequest(
  dependencies: AnswerDependencies,
  turn: AwaitedTurn,
  client: Request,
): Promise<Response> | Response {
  const wait = dependencies.waits.open(turn.turnId, client.signal, turn.keepGoing === true);
  if (prefersEvents(client.headers.get('accept'))) return eventStream(dependencies, turn, wait);
  return wholeAnswer(dependencies, turn, wait);
}

/** Follows a turn as server-sent events. A client that goes away stops nothing. */
export function followTurn(
  dependencies: AnswerDependencies,
  turn: Pick<AwaitedTurn, 'turnId' | 'conversationId'>,
  client: Request,
): Response {
  const wait = dependencies.waits.open(turn.turnId, client.signal, true);
  return eventStream(dependencies, { ...turn, ahead: 0, begun: true, keepGoing: true }, wait);
}

export function usageBody(usage: TokenUsage) {
  return { prompt_tokens: usage.prompt, cached_tokens: usage.cached, reply_tokens: usage.reply };
}

/** Events have to be asked for by name, and before JSON. */
function prefersEvents(accept: string | null): boolean {
  const wanted = parseAccept(accept ?? '').filter(({ q }) => q > 0);
  return wanted.find(({ type }) => type === JSON_TYPE || type === EVENTS_TYPE)?.type === EVENTS_TYPE;
}

function answerBody(
  turn: AwaitedTurn,
  outcome: Extract<TurnOutcome, { state: 'done' }>,
): z.output<typeof Answer> {
  return {
    answer: outcome.reply,
    conversation_id: turn.conversationId,
    turn_id: turn.turnId,
    model: outcome.model,
    usage: usageBody(outcome.usage),
    finish_reason: outcome.finishReason,
    first_token_ms: outcome.timeToFirstTokenMs,
    tokens_per_second: outcome.tokensPerSecond,
  };
}

async function wholeAnswer(
  dependencies: AnswerDependencies,
  turn: AwaitedTurn,
  wait: Wait,
): Promise<Response> {
  try {
    for await (const event of watchTurn(dependencies, turn.turnId, wait.signal)) {
      if (event.type !== 'ended') continue;
      if (event.outcome.state === 'done') return Response.json(answerBody(turn, event.outcome));
      return problemResponse({ ...problemOfOutcome(event.outcome), turn });
    }
    throw new Error('the watch of a turn ended without its outcome');
  } catch (error) {
    return problemResponse(problemOfWaiting(dependencies, error, turn));
  } finally {
    wait.close();
  }
}

function eventStream(dependencies: AnswerDependencies, turn: AwaitedTurn, wait: Wait): Response {
  const encoder = new TextEncoder();
  const events = answerEvents(dependencies, turn, wait);
  const body = new ReadableStream<Uint8Array>({
    // Pulled only when the client has taken what came before: a slow one gets fewer, longer deltas.
    async pull(controller) {
      const next = await events.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    cancel: () => wait.leave(),
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // nginx and its like hold answers back otherwise.
      'x-accel-buffering': 'no',
    },
  });
}

async function* answerEvents(
  dependencies: AnswerDependencies,
  turn: AwaitedTurn,
  wait: Wait,
): AsyncGenerator<string, void> {
  const { clock } = dependencies;
  let sent = '';
  let quiet = quietSince(clock);
  const text = (target: string, final: boolean): string => {
    const step = catchUp(sent, target, final);
    sent = step.sent;
    return (
      (step.reset ? written({ event: 'reset', data: {} }) : '') +
      (step.delta === '' ? '' : written({ event: 'delta', data: { text: step.delta } }))
    );
  };
  try {
    const data = { conversation_id: turn.conversationId, turn_id: turn.turnId };
    yield written({ event: 'accepted', data });
    if (turn.ahead > 0) yield written({ event: 'queued', data: { ahead: turn.ahead } });
    const watcher = turn.begun ? 'late' : 'from the start';
    for await (const news of watchTurn(dependencies, turn.turnId, wait.signal, watcher)) {
      let out = '';
      if (news.type === 'queued') out = written({ event: 'queued', data: { ahead: news.ahead } });
      else if (news.type === 'text') out = text(news.text, false);
      else if (news.type === 'waiting') out = quiet() >= KEEP_ALIVE_MS ? ': keep-alive\n\n' : '';
      else if (news.outcome.state === 'done')
        out =
          text(news.outcome.reply, true) + written({ event: 'done', data: answerBody(turn, news.outcome) });
      else out = failed({ ...problemOfOutcome(news.outcome), turn });
      if (out === '') continue;
      yield out;
      quiet = quietSince(clock);
    }
  } catch (error) {
    yield failed(problemOfWaiting(dependencies, error, turn));
  } finally {
    wait.close();
  }
}

function quietSince(clock: Clock): () => number {
  const start = clock.now();
  return () => clock.now() - start;
}

/** JSON has no line breaks of its own, so one data line holds it. */
function written({ event, data }: z.output<typeof AnswerEvent>): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function failed(problem: Problem): string {
  return written({ event: 'error', data: problemBody(problem) });
}

function problemOfWaiting(dependencies: AnswerDependencies, error: unknown, turn: AwaitedTurn): Problem {
  const problem = problemOfWait(dependencies, error, turn.turnId);
  if (!(error instanceof WaitEnded)) return { ...problem, turn };
  if (error.end === 'stopping') {
    const message = 'Parley is being restarted; the answer will be in the conversation.';
    return { ...problem, message, turn };
  }
  if (!turn.keepGoing) return { ...problem, turn };
  return { ...problem, message: 'The answer takes long; it goes on, and will be in the conversation.', turn };
}

/** Why a wait for a turn ended without its outcome. */
export function problemOfWait(
  { log }: Pick<AnswerDependencies, 'log'>,
  error: unknown,
  turnId: TurnId,
): Problem {
  if (!(error instanceof WaitEnded)) {
    log.error({ turnId, error }, 'waiting for a turn failed');
    return problemOfError(error);
  }
  if (error.end === 'stopping') {
    const message = 'Parley is being restarted; ask again in a moment.';
    return { status: 503, code: 'unavailable', message, retryAfterMs: 10_000 };
  }
  return { status: 504, code: 'answer-timeout', message: 'The answer took too long, so it was stopped.' };
}
