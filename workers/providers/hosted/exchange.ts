import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { parseRetryAfter } from '../../../src/domain/time/retry-after.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import { WholeAnswer } from './answer-chunk.js';
import { connectionFailure, failureOf, rubbish } from './endpoint-failure.js';
import type { ResolvedEndpoint } from './hosted-endpoint.js';
import type { HostedLimits } from './hosted-limits.js';
import { ProviderMapping } from './provider-mapping.js';

const DONE = '[DONE]';
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The endpoint minds something in the request: an error that may name parameters to leave out. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly body: string;
  readonly failure: ExpectedFailure;

  constructor(status: number, body: string, failure: ExpectedFailure) {
    super(failure.message);
    this.status = status;
    this.body = body;
    this.failure = failure;
  }
}

export interface ExchangeOptions {
  readonly endpoint: ResolvedEndpoint;
  readonly dispatcher: Dispatcher;
  readonly limits: HostedLimits;
  readonly clock: Clock;
  /** Ends the request and the stream at once. */
  readonly signal: AbortSignal;
}

/** One request over HTTP, with bounds on all that comes back. */
export interface Exchange {
  /**
   * What `InferenceClient` calls: for a chat gives it a stream of events, for a look into the hub which providers have
   * a model, and keeps every other answer to itself.
   */
  readonly fetch: typeof fetch;
  /** Whether the stream was ended in good order by `[DONE]`. */
  ended(): boolean;
  /** Reads what is left after the answer, so that the connection can serve again. */
  drain(): Promise<void>;
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { endpoint, dispatcher, limits, clock, signal } = options;
  let rest: AsyncGenerator<Uint8Array> | undefined;
  let tail = '';

  async function send(url: URL, init: RequestInit): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        dispatcher,
        signal,
        method: init.method === 'POST' ? 'POST' : 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof init.body === 'string' ? init.body : null,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw connectionFailure(url.host, error);
    }
  }

  async function refuse(host: string, answer: Dispatcher.ResponseData): Promise<never> {
    const body = await readBody(answer.body, limits.bodyBytes, signal);
    const asked = header(answer, 'retry-after');
    const retryAfterMs = parseRetryAfter(asked, clock.now(), limits.retryAfterCapMs);
    const failure = failureOf(host, { status: answer.statusCode, body, retryAfterMs }, endpoint.token);
    if (answer.statusCode === 400 || answer.statusCode === 422) {
      throw new RequestRefused(answer.statusCode, body, failure);
    }
    throw failure;
  }

  /** Only what is of its form goes on: the client would trip over anything else. */
  async function providerMapping(host: string, answer: Dispatcher.ResponseData): Promise<Response> {
    const read = ProviderMapping.safeParse(await readBody(answer.body, limits.bodyBytes, signal));
    if (!read.success) throw rubbish(host, 'did not tell in readable form which providers have the model');
    return Response.json(read.data);
  }

  return {
    async fetch(address, init = {}) {
      const url = new URL(address instanceof Request ? address.url : address);
      if (endpoint.query !== '') url.search = endpoint.query;
      const answer = await send(url, init);
      if (answer.statusCode !== 200) return refuse(url.host, answer);
      if (init.method !== 'POST') return providerMapping(url.host, answer);
      const type = header(answer, 'content-type') ?? 'nothing';
      if (/^application\/json\b/i.test(type)) {
        tail = DONE;
        return eventStream(asEvents(endpoint, await readBody(answer.body, limits.bodyBytes, signal)));
      }
      if (!/^text\/event-stream\b/i.test(type)) {
        answer.body.on('error', () => {}).destroy();
        throw rubbish(
          endpoint.name,
          'answered with something that is no event stream: is its address right?',
        );
      }
      rest = boundEvents(answer.body, endpoint.name, limits.eventBytes, signal);
      const events = rest;
      // Not ReadableStream.from: the client leaves the stream early, and `drain` reads on where it left.
      return eventStream(
        new ReadableStream(
          {
            async pull(controller) {
              const { done, value } = await events.next();
              if (done) return controller.close();
              tail = (tail + Buffer.from(value).toString('latin1')).slice(-32);
              controller.enqueue(value);
            },
          },
          { highWaterMark: 0 },
        ),
      );
    },
    ended: () => tail.trimEnd().endsWith(DONE),
    async drain() {
      while (rest && !(await rest.next()).done);
    },
  };
}

function eventStream(body: ReadableStream | string): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Passes bytes on; an event longer than `limit` ends the stream. */
async function* boundEvents(
  body: Readable,
  name: string,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  let lineIsEmpty = true;
  try {
    for await (const bytes of body) {
      for (const byte of bytes) {
        length = byte === LINE_FEED && lineIsEmpty ? 0 : length + 1;
        if (byte !== CARRIAGE_RETURN) lineIsEmpty = byte === LINE_FEED;
        if (length > limit) throw rubbish(name, `sent an event of more than ${limit} bytes`);
      }
      yield bytes;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ExpectedFailure ? error : connectionFailure(name, error);
  }
}

/** At most `limit` bytes of a body; what is beyond is not waited for. */
async function readBody(body: Readable, limit: number, signal: AbortSignal): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      size += piece.length;
      if (size > limit) break;
    }
  } catch {
    // Half an error page still has its status.
    signal.throwIfAborted();
  }
  return Buffer.concat(pieces).subarray(0, limit).toString('utf8');
}

/** A whole answer as the events of a stream: some servers do not stream, whatever they are asked for. */
function asEvents(endpoint: ResolvedEndpoint, body: string): string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw rubbish(endpoint.name, 'answered with broken JSON');
  }
  if (typeof json === 'object' && json !== null && 'error' in json && json.error) {
    throw failureOf(endpoint.name, { status: 500, body }, endpoint.token);
  }
  const parsed = WholeAnswer.safeParse(json);
  if (!parsed.success) throw rubbish(endpoint.name, 'answered with JSON that is no chat completion');
  const { choices, usage } = parsed.data;
  const chunk = {
    choices: choices.map(({ message, finish_reason }) => ({
      delta: { content: message.text },
      finish_reason,
    })),
    usage,
  };
  return `data: ${JSON.stringify(chunk)}\n\ndata: ${DONE}\n\n`;
}

function header(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
