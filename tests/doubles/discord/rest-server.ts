import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.js';
import { applicationRoutes } from './application-routes.js';
import type { Answer, Call, Effects, Routes } from './call.js';
import type { EventLog } from './event-log.js';
import { type FaultAction, Faults } from './faults.js';
import { interactionRoutes } from './interaction-routes.js';
import { messageRoutes } from './message-routes.js';
import { RateLimits } from './rate-limits.js';
import { DiscordSpec, type Operation } from './spec.js';
import type { World } from './world.js';

const ROUTES: Routes = { ...messageRoutes, ...interactionRoutes, ...applicationRoutes };
const API = /^\/api\/v10(\/[^?]*)(?:\?(.*))?$/;
/** Compiling a schema takes a while: one specification serves every double of a process. */
let spec: DiscordSpec | null = null;

export interface RestOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly effects: Effects;
  /** What `/gateway/bot` names, unless `RestServer.gatewayUrl` is set. */
  readonly gatewayUrl: () => string;
  readonly readsContent: () => boolean;
}

/** Discord's REST side. */
export class RestServer {
  readonly faults = new Faults();
  readonly limits: RateLimits;
  /** The token requests must carry; null refuses all, as a revoked one. */
  token: string | null;
  /** Answers of 401, 403 and 429 that count towards the ban of 10,000 in 10 minutes. */
  invalidRequests = 0;
  /** Edits of messages older than an hour that are still taken. */
  oldEdits = 3;
  /** The bot lacks "Read Message History": lists of messages come empty, as Discord gives them then. */
  hidesHistory = false;
  /** Connections that Discord wants the bot's servers spread over. */
  shards = 1;
  /** A gateway elsewhere, for tests of one that misbehaves. */
  gatewayUrl: string | null = null;
  /** Where the double itself broke the specification. */
  readonly lies: string[] = [];
  readonly #options: RestOptions;
  readonly #spec: DiscordSpec;

  constructor(token: string, options: RestOptions) {
    this.token = token;
    this.#options = options;
    this.limits = new RateLimits(options.world.clock);
    spec ??= new DiscordSpec();
    this.#spec = spec;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await read(request);
    const found = API.exec(request.url ?? '');
    const path = decodeURIComponent(found?.[1] ?? request.url ?? '');
    const method = request.method ?? 'GET';
    const operation = this.#spec.match(method, path);
    const call = { path, method, query: found?.[2] ?? '', text, request, response, operation };
    if (!operation) return this.#send(call, new ApiError(404, 0, '404: Not Found'), {}, false);

    const action = this.faults.next(operation, path);
    if (action?.type === 'hold') {
      if (action.applied !== true) await hold(action);
    } else if (action && !('applied' in action && action.applied)) return this.#fail(call, action, false);

    const verdict = this.limits.take(operation);
    if (verdict.retryAfter !== undefined) {
      const { retryAfter, global = false } = verdict;
      return this.#send(call, rateLimited(retryAfter, global), verdict.headers, false);
    }
    const answer = this.#answer(operation, call);
    if (action?.type === 'hold' && action.applied === true) await hold(action);
    if (action && action.type !== 'hold') return this.#fail(call, action, !(answer instanceof ApiError));
    this.#send(call, answer, verdict.headers, !(answer instanceof ApiError));
  }

  #answer(operation: Operation, { path, query, text, request }: Incoming): Answer | ApiError {
    const { world, effects, gatewayUrl, readsContent } = this.#options;
    const needsToken = !/^\/(interactions|webhooks)\//.test(path);
    const authorized = this.token !== null && request.headers.authorization === `Bot ${this.token}`;
    if (needsToken && !authorized) return new ApiError(401, 0, '401: Unauthorized');
    if (operation.template === '/gateway/bot')
      return { status: 200, body: gatewayBot(this.gatewayUrl ?? gatewayUrl(), this.shards) };
    const body = parse(text);
    const problem = this.#spec.requestProblem(operation, body);
    if (problem !== null) return new ApiError(400, 50035, `Invalid Form Body: ${problem}`);
    const route = ROUTES[`${operation.method.toUpperCase()} ${operation.template}`];
    if (!route) return new ApiError(404, 0, `the double has no ${operation.method} ${operation.template}`);
    const call: Call = {
      world,
      params: operation.params,
      query: new URLSearchParams(query),
      body: body ?? {},
      effects,
      readsContent: readsContent(),
      readsHistory: !this.hidesHistory,
      oldEditsLeft: () => this.oldEdits--,
    };
    try {
      return route(call);
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
  }

  #fail(call: Incoming, action: Exclude<FaultAction, { type: 'hold' }>, applied: boolean): void {
    if (action.type === 'drop-socket') {
      this.#record(call, 'dropped', null, applied);
      call.request.socket.destroy();
      return;
    }
    if (action.type === 'status') {
      this.#record(call, action.status, null, applied);
      call.response.writeHead(action.status, { 'Content-Type': 'text/html' }).end('<html>error</html>');
      return;
    }
    if (action.type === 'error') {
      const error = new ApiError(action.status, action.code, action.message ?? 'scripted');
      this.#send(call, error, {}, applied);
      return;
    }
    const { retryAfter, scope = 'user', bare = false } = action;
    const headers: Record<string, string> = bare
      ? {}
      : {
          'Retry-After': String(Math.ceil(retryAfter)),
          'X-RateLimit-Scope': scope,
          ...(scope === 'global'
            ? { 'X-RateLimit-Global': 'true' }
            : {
                'X-RateLimit-Limit': '5',
                'X-RateLimit-Remaining': '0',
                'X-RateLimit-Reset-After': String(retryAfter),
              }),
        };
    this.#send(call, rateLimited(retryAfter, scope === 'global'), headers, false);
  }

  #send(
    call: Incoming,
    answer: Answer | ApiError,
    headers: Readonly<Record<string, string>>,
    applied: boolean,
  ): void {
    const { status } = answer;
    const body = answer instanceof ApiError ? errorBody(answer) : answer.body;
    if (call.operation) {
      const problem = this.#spec.responseProblem(call.operation, status, body);
      if (problem !== null) this.lies.push(problem);
    }
    const shared = headers['X-RateLimit-Scope'] === 'shared';
    if ([401, 403, 429].includes(status) && !shared) this.invalidRequests++;
    this.#record(call, status, answer instanceof ApiError ? answer.code : null, applied);
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
    call.response
      .writeHead(status, { ...headers, ...json })
      .end(body === undefined ? '' : JSON.stringify(body));
  }

  #record(call: Incoming, status: number | 'dropped', code: number | null, applied: boolean): void {
    const { method, path, query, text, request } = call;
    const authorization = request.headers.authorization ?? null;
    const at = this.#options.world.clock.now();
    const body = parse(text);
    this.#options.log.add({
      type: 'request',
      method,
      path,
      query,
      body,
      authorization,
      status,
      code,
      applied,
      at,
    });
  }
}

interface Incoming {
  readonly path: string;
  readonly method: string;
  readonly query: string;
  readonly text: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly operation: Operation | null;
}

async function hold({ onArrival, until }: Extract<FaultAction, { type: 'hold' }>): Promise<void> {
  onArrival?.();
  await until;
}

function rateLimited(retryAfter: number, global: boolean): Answer {
  return {
    status: 429,
    body: { message: 'You are being rate limited.', retry_after: retryAfter, global, code: 0 },
  };
}

function errorBody({ status, code, message, errors }: ApiError): Record<string, unknown> {
  const waiting = status === 429 ? { retry_after: 20, global: false } : {};
  return { message, code, ...waiting, ...(errors === undefined ? {} : { errors }) };
}

function gatewayBot(url: string, shards: number): Record<string, unknown> {
  const limit = { total: 1000, remaining: 999, reset_after: 86_400_000, max_concurrency: 1 };
  return { url, shards, session_start_limit: limit };
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function read(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
