import { z } from 'zod';
import type { CommandDefinition, CommandName, CommandValues } from '../../src/domain/commands.js';
import { readEventStream } from './event-stream.js';

/** A sentence for the person: the server refused, failed, or is not there. */
export class ChatFailure extends Error {
  override readonly name = 'ChatFailure';
}

const Accepted = z.object({ conversation_id: z.string(), turn_id: z.number() });
const Queued = z.object({ ahead: z.number() });
const Delta = z.object({ text: z.string() });
const Done = Accepted.extend({ model: z.string(), finish_reason: z.string() });
const Failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const Notice = z.object({ notice: z.string(), conversation_id: z.string() });
const Models = z.object({ models: z.array(z.object({ alias: z.string() })) });
const LastTurn = z.object({ turns: z.array(z.object({ turn_id: z.number() })) });
const Commands = z.object({
  commands: z.array(
    z.object({
      name: z.custom<CommandName>((name) => typeof name === 'string'),
      description: z.string(),
      options: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          type: z.enum(['text', 'whole', 'number', 'yes-no']),
          required: z.boolean().exactOptional(),
        }),
      ),
    }),
  ),
});

/** What comes while an answer is written. */
export type ChatEvent =
  | { readonly type: 'accepted'; readonly conversationId: string; readonly turnId: number }
  | { readonly type: 'queued'; readonly ahead: number }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'reset' }
  | { readonly type: 'done'; readonly model: string; readonly finishReason: string };

export type CommandAnswer =
  | { readonly type: 'notice'; readonly text: string; readonly conversationId: string }
  | { readonly type: 'answer'; readonly events: AsyncIterable<ChatEvent> };

export interface ApiClientOptions {
  /** Reaches the server: over the network, or the API in this process. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly userId: string;
}

/** Parley's HTTP API, as the terminal chat uses it. Every call throws {ChatFailure}, or the signal's reason. */
export class ApiClient {
  readonly #options: ApiClientOptions;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  async ask(
    question: string,
    conversationId: string | null,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ChatEvent>> {
    const body = { question, ...this.#who(conversationId) };
    return answerEvents(await this.#send('POST', '/api/question', signal, body));
  }

  async regenerate(
    turnId: number,
    conversationId: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ChatEvent>> {
    const path = `/api/turns/${turnId}/regenerate`;
    return answerEvents(await this.#send('POST', path, signal, this.#who(conversationId)));
  }

  async run(
    command: string,
    values: CommandValues,
    conversationId: string | null,
    signal: AbortSignal,
  ): Promise<CommandAnswer> {
    const body = { values, ...this.#who(conversationId) };
    const response = await this.#send('POST', `/api/commands/${encodeURIComponent(command)}`, signal, body);
    if (isEventStream(response)) return { type: 'answer', events: answerEvents(response) };
    const { notice, conversation_id } = await readAs(Notice, response);
    return { type: 'notice', text: notice, conversationId: conversation_id };
  }

  async commands(signal: AbortSignal): Promise<readonly CommandDefinition[]> {
    return (await readAs(Commands, await this.#send('GET', '/api/commands', signal))).commands;
  }

  async models(signal: AbortSignal): Promise<readonly string[]> {
    const { models } = await readAs(Models, await this.#send('GET', '/api/models', signal));
    return models.map((model) => model.alias);
  }

  /** Null where nothing was said yet. */
  async lastTurn(conversationId: string, signal: AbortSignal): Promise<number | null> {
    const path = `/api/conversations/${encodeURIComponent(conversationId)}?limit=1`;
    const { turns } = await readAs(LastTurn, await this.#send('GET', path, signal));
    return turns.at(-1)?.turn_id ?? null;
  }

  #who(conversationId: string | null) {
    const { userId } = this.#options;
    return { user_id: userId, ...(conversationId !== null && { conversation_id: conversationId }) };
  }

  async #send(method: string, path: string, signal: AbortSignal, body?: object): Promise<Response> {
    const { fetch, baseUrl, apiKey } = this.#options;
    const headers = new Headers({ accept: 'text/event-stream, application/json;q=0.9' });
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
    if (body) headers.set('content-type', 'application/json');
    const init = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(new Request(new URL(path, baseUrl), init)).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new ChatFailure(`Parley cannot be reached at ${baseUrl}; is it running?`, { cause });
    });
    if (response.ok) return response;
    throw await failureOf(response);
  }
}

async function failureOf(response: Response): Promise<ChatFailure> {
  if (response.status === 401) {
    return new ChatFailure('The server asks for an API key: set PARLEY_API_KEY to the one it runs with.');
  }
  const said = Failure.safeParse(await response.json().catch(() => null));
  return new ChatFailure(said.success ? said.data.error.message : `The server answered ${response.status}.`);
}

async function* answerEvents(response: Response): AsyncGenerator<ChatEvent, void> {
  if (!response.body || !isEventStream(response)) throw new ChatFailure(NOT_PARLEY);
  try {
    for await (const { name, data } of readEventStream(response.body)) {
      const event = readEvent(name, data);
      if (event) yield event;
      if (event?.type === 'done') return;
    }
  } catch (error) {
    if (error instanceof ChatFailure || isAbort(error)) throw error;
    throw new ChatFailure(CUT_OFF, { cause: error });
  }
  throw new ChatFailure(CUT_OFF);
}

function readEvent(name: string, data: string): ChatEvent | null {
  switch (name) {
    case 'accepted': {
      const { conversation_id, turn_id } = parseAs(Accepted, data);
      return { type: 'accepted', conversationId: conversation_id, turnId: turn_id };
    }
    case 'queued':
      return { type: 'queued', ahead: parseAs(Queued, data).ahead };
    case 'delta':
      return { type: 'delta', text: parseAs(Delta, data).text };
    case 'reset':
      return { type: 'reset' };
    case 'done': {
      const { model, finish_reason } = parseAs(Done, data);
      return { type: 'done', model, finishReason: finish_reason };
    }
    case 'error':
      throw new ChatFailure(parseAs(Failure, data).error.message);
    default:
      return null; // a newer server may say more
  }
}

const CUT_OFF = 'The connection was cut before the answer was complete.';
const NOT_PARLEY = 'What answers there is not Parley, or another version of it.';

function parseAs<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ChatFailure(NOT_PARLEY);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new ChatFailure(NOT_PARLEY);
  return result.data;
}

async function readAs<S extends z.ZodType>(schema: S, response: Response): Promise<z.output<S>> {
  return parseAs(schema, await response.text());
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
