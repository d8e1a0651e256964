import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { ChatRequest } from './chat-request.js';
import { errorReply, type Fault, type Reply, type Script, answer as toAnswer } from './reply.js';
import { completion, countPrompt, streamAnswer } from './send-answer.js';

export interface ModelServerOptions {
  /** What to answer. Default: one friendly sentence. */
  readonly script?: Script;
  /** Models it has. Default: any. */
  readonly models?: readonly string[];
  /** Tokens that prompt and reply share. Default: no limit. */
  readonly contextWindow?: number;
  /** Model, provider, the provider's own name for it: with them it is Hugging Face's hub and router as well. */
  readonly providers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The bearer token it wants. Default: none. */
  readonly apiKey?: string;
  /** Parameters it answers 400 to, as OpenAI does to those it does not know. */
  readonly unknownParameters?: readonly string[];
}

/** One request to the chat endpoint, kept for a test to look at. */
interface LoggedRequest {
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: ChatRequest;
  /** Resolves once the connection or the response is closed: true when the answer had been sent whole. */
  readonly closed: Promise<boolean>;
}

/** A chat completions server in OpenAI's manner, on a socket of this machine. */
export interface ModelServer {
  /** Base address, with `/v1`. */
  readonly url: string;
  readonly requests: readonly LoggedRequest[];
  /** Connections taken so far. */
  connections(): number;
  setScript(script: Script): void;
  /** The next requests get these instead of what the script says, one each. */
  next(...replies: readonly Reply[]): void;
  /** Takes back what `setScript` and `next` told it. */
  reset(): void;
  /** Resolves with request number `count`, counted from 1, as soon as it has come. */
  request(count: number): Promise<LoggedRequest>;
  close(): Promise<void>;
}

const GREETING: Script = () => 'Hello! I am a scripted model.';
const BODY_LIMIT = 16 * 1024 * 1024;

export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const first = options.script ?? GREETING;
  let script = first;
  const planned: Reply[] = [];
  const requests: LoggedRequest[] = [];
  const waiting: { count: number; resolve: (request: LoggedRequest) => void }[] = [];

  const server = createServer((incoming, response) => {
    const closing = new AbortController();
    const closed = new Promise<boolean>((resolve) => {
      response.once('close', () => {
        closing.abort();
        resolve(response.writableFinished);
      });
    });
    response.on('error', () => {});
    serve(incoming, response, closed, closing.signal).catch((error: unknown) => {
      if (!closing.signal.aborted) response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function serve(
    incoming: IncomingMessage,
    response: ServerResponse,
    closed: Promise<boolean>,
    closing: AbortSignal,
  ): Promise<void> {
    const path = incoming.url ?? '';
    const { pathname } = new URL(path, 'http://double');
    if (incoming.method === 'GET' && pathname.startsWith('/api/models/')) {
      return sendProviders(response, options.providers?.[pathname.slice('/api/models/'.length)]);
    }
    if (incoming.method === 'GET' && pathname === '/v1/models') {
      const data = (options.models ?? ['scripted']).map((id) => ({ id, object: 'model', created: 0 }));
      return sendJson(response, 200, { object: 'list', data });
    }
    const chat = options.providers === undefined ? /^\/v1\/chat\/completions$/ : /\/chat\/completions$/;
    if (incoming.method !== 'POST' || !chat.test(pathname)) {
      return sendFault(response, errorReply(404, { message: `Invalid URL (${incoming.method} ${path})` }));
    }
    const body = await readJson(incoming);
    const parsed = ChatRequest.safeParse(body);
    if (!parsed.success) {
      return sendFault(response, errorReply(400, { message: z.prettifyError(parsed.error) }));
    }
    const logged = { path, headers: incoming.headers, body: parsed.data, closed };
    requests.push(logged);
    for (const waiter of waiting) if (waiter.count === requests.length) waiter.resolve(logged);

    const reply = planned.shift() ?? refusal(options, incoming, parsed.data) ?? script(parsed.data);
    if (typeof reply !== 'string' && 'fault' in reply) return sendFault(response, reply);
    const answer = typeof reply === 'string' ? toAnswer(reply) : reply;
    if (!parsed.data.stream) return sendJson(response, 200, completion(parsed.data, answer));
    await streamAnswer(response, parsed.data, answer, closing);
  }

  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the model server has no port');

  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    connections: () => connections,
    setScript(next) {
      script = next;
    },
    next(...replies) {
      planned.push(...replies);
    },
    reset() {
      script = first;
      planned.length = 0;
    },
    request(count) {
      const come = requests[count - 1];
      return come ? Promise.resolve(come) : new Promise((resolve) => waiting.push({ count, resolve }));
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** What a real server refuses before any model runs. */
function refusal(
  options: ModelServerOptions,
  incoming: IncomingMessage,
  request: ChatRequest,
): Fault | undefined {
  const token = incoming.headers.authorization?.replace(/^Bearer /, '') ?? '';
  if (options.apiKey !== undefined && token !== options.apiKey) {
    return errorReply(401, { message: `Incorrect API key provided: ${token}`, code: 'invalid_api_key' });
  }
  if (options.models && !options.models.includes(request.model)) {
    return errorReply(404, { message: `The model ${request.model} does not exist`, code: 'model_not_found' });
  }
  const unknown = options.unknownParameters?.find((name) => name in request);
  if (unknown !== undefined) {
    return errorReply(400, {
      message: `Unknown parameter: '${unknown}'.`,
      code: 'unknown_parameter',
      param: unknown,
    });
  }
  if (options.contextWindow !== undefined && countPrompt(request) > options.contextWindow) {
    const used = countPrompt(request);
    return errorReply(400, {
      message: `This model's maximum context length is ${options.contextWindow} tokens, but you gave ${used}.`,
      code: 'context_length_exceeded',
      param: 'messages',
    });
  }
  return undefined;
}

/** As the hub tells which of its providers have a model. */
function sendProviders(
  response: ServerResponse,
  providers: Readonly<Record<string, string>> | undefined,
): void {
  if (providers === undefined) {
    sendJson(response, 404, { error: 'Repository not found' });
    return;
  }
  const entries = Object.entries(providers).map(([name, providerId]) => [
    name,
    { status: 'live', providerId, task: 'conversational' },
  ]);
  sendJson(response, 200, { id: 'x', inferenceProviderMapping: Object.fromEntries(entries) });
}

function sendFault(response: ServerResponse, reply: Fault): void {
  switch (reply.fault) {
    case 'hang':
      return;
    case 'hang-after-headers':
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'answer':
      response.writeHead(reply.status, reply.headers).end(reply.body);
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of incoming) {
    size += piece.length;
    if (size > BODY_LIMIT) throw new Error('the body is too large');
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    return undefined;
  }
}
