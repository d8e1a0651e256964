import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BotAccess } from './bot-access.js';
import { ApiError, type Arguments } from './method-arguments.js';
import type { Json } from './workspace.js';

/** What goes wrong with one call. */
export type Fault =
  /** Applied, and then the connection drops before the answer. */
  | { readonly type: 'lose-answer' }
  /** The connection drops before anything is applied. */
  | { readonly type: 'drop' }
  | { readonly type: 'status'; readonly status: number; readonly applied?: boolean }
  /** 429; without `retryAfter` (seconds) Slack names no time. */
  | { readonly type: 'rate-limit'; readonly retryAfter?: number }
  /** `ok: false` with this code. */
  | { readonly type: 'error'; readonly error: string }
  /** 200 and something that is not JSON. */
  | { readonly type: 'html' }
  /** 200 and this, whatever was asked. */
  | { readonly type: 'answer'; readonly body: unknown }
  /** No answer until the server stops. */
  | { readonly type: 'hang' };

/** One Web API call as it came over the wire. */
export interface ApiCall {
  readonly method: string;
  readonly arguments: Arguments;
  readonly token: string;
  /** Of the workspace that the token let the call into; null where it opened none. */
  readonly team: string | null;
  readonly at: number;
  /** `ok`, an error code, or the fault it met. */
  result: string;
}

export interface ApiServerOptions {
  readonly now: () => number;
  /** What a bot token opens. */
  readonly access: (token: string) => BotAccess | undefined;
  /** Answers a method that is no workspace's; null: it is one. */
  readonly call: (method: string, args: Arguments, token: string) => Json | null;
  readonly respond: (id: string, body: Json) => boolean;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly onCall: (call: ApiCall) => void;
}

/** Arguments that are objects and cross the wire as JSON strings. */
const OBJECTS = new Set(['blocks', 'metadata', 'chunks', 'attachments', 'loading_messages']);

/** Slack's HTTP side: /api/<method>, response addresses, and the upgrade to a WebSocket. */
export class ApiServer {
  readonly calls: ApiCall[] = [];
  /** What bot tokens may do, in `x-oauth-scopes` of each answer; null: Slack does not say. */
  scopes: readonly string[] | null = null;
  readonly #options: ApiServerOptions;
  readonly #faults: { readonly method: string; readonly fault: Fault; times: number }[] = [];
  readonly #server: Server;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#server.on('upgrade', (request, socket, head) => options.upgrade(request, socket, head));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next `times` calls of `method` meet `fault`. Faults of one method come in the order they were given. */
  fail(method: string, fault: Fault, times = 1): void {
    this.#faults.push({ method, fault, times });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://slack').pathname;
    const body = await readBody(request);
    if (path.startsWith('/response/')) {
      const known = this.#options.respond(path.slice('/response/'.length), JSON.parse(body) as Json);
      response.writeHead(known ? 200 : 404).end(known ? 'ok' : 'used_url');
      return;
    }
    if (!path.startsWith('/api/') || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    this.#answer(path.slice('/api/'.length), readArguments(request, body), tokenOf(request), response);
  }

  #answer(method: string, args: Arguments, token: string, response: ServerResponse): void {
    const door = this.#options.access(token)?.doorOf(args);
    const team = door?.workspace.teamId ?? null;
    const call: ApiCall = { method, arguments: args, token, team, at: this.#options.now(), result: 'ok' };
    this.calls.push(call);
    const fault = this.#takeFault(method);
    if (fault && fault.type !== 'lose-answer' && !(fault.type === 'status' && fault.applied)) {
      call.result = fault.type;
      this.#options.onCall(call);
      meet(fault, response);
      return;
    }
    const wait = door?.rates?.take(method, String(args['channel'])) ?? 0;
    if (wait > 0) {
      call.result = 'ratelimited';
      this.#options.onCall(call);
      meet({ type: 'rate-limit', retryAfter: wait }, response);
      return;
    }
    const answer = this.#apply(method, args, token);
    call.result = answer['ok'] === true ? 'ok' : String(answer['error']);
    if (fault) call.result = fault.type;
    this.#options.onCall(call);
    if (fault) meet(fault, response);
    else
      sendJson(
        response,
        200,
        answer,
        this.scopes === null ? {} : { 'x-oauth-scopes': this.scopes.join(',') },
      );
  }

  #apply(method: string, args: Arguments, token: string): Json {
    try {
      return { ok: true, ...this.#authorized(method, args, token) };
    } catch (error) {
      if (error instanceof ApiError) return { ok: false, error: error.code };
      throw error;
    }
  }

  #authorized(method: string, args: Arguments, token: string): Json {
    const answer = this.#options.call(method, args, token);
    if (answer) return answer;
    const access = this.#options.access(token);
    const door = access?.doorOf(args);
    if (!access || !door) throw new ApiError('invalid_auth');
    if (access.revoked !== null) throw new ApiError(access.revoked);
    return door.api.call(method, args);
  }

  #takeFault(method: string): Fault | undefined {
    const entry = this.#faults.find((each) => each.method === method && each.times > 0);
    if (entry) entry.times -= 1;
    return entry?.fault;
  }
}

function meet(fault: Fault, response: ServerResponse): void {
  switch (fault.type) {
    case 'lose-answer':
    case 'drop':
      response.destroy();
      return;
    case 'status':
      response.writeHead(fault.status).end('upstream connect error');
      return;
    case 'rate-limit': {
      const wait = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      response.writeHead(429, { 'content-type': 'application/json', ...wait });
      response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
      return;
    }
    case 'error':
      sendJson(response, 200, { ok: false, error: fault.error });
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      return;
    case 'answer':
      sendJson(response, 200, fault.body);
      return;
    case 'hang':
      return;
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}

function readArguments(request: IncomingMessage, body: string): Arguments {
  if (request.headers['content-type']?.startsWith('application/json')) return JSON.parse(body) as Json;
  const args: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    args[name] = OBJECTS.has(name) ? parseObject(value) : value;
  }
  return args;
}

/** What is no JSON stays a string: the method then refuses it, as Slack does. */
function parseObject(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function tokenOf(request: IncomingMessage): string {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
