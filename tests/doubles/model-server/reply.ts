import type { ChatRequest } from './chat-request.js';

/** A text that the model says, and how the server sends it. */
export interface Answer {
  /** One delta for each; `splitTokens` makes them of a text. */
  readonly tokens: readonly string[];
  /** Hidden reasoning before the answer, in the field that this kind of server uses. */
  readonly reasoning?: {
    readonly field: 'reasoning_content' | 'reasoning';
    readonly tokens: readonly string[];
  };
  /** Null: the stream ends without one. Default: `stop`, or `length` where `max_tokens` cut the answer. */
  readonly finishReason?: string | null;
  /** False: no usage, whatever was asked for. */
  readonly usage?: boolean;
  /** Tokens of the prompt that came from the server's cache. */
  readonly cachedTokens?: number;
  /** False: the stream ends without `[DONE]`. */
  readonly done?: boolean;
  /** A comment line before each event, as proxies send to keep a connection open. */
  readonly comments?: boolean;
  /** Writes of at most this many bytes each, so that lines and characters are cut anywhere. Default: an event a write. */
  readonly writeBytes?: number;
  /** Lines end with CR LF, as some servers have it. */
  readonly crlf?: boolean;
  /** Milliseconds between tokens, and before the end. Default: none. */
  readonly paceMs?: number;
  /** Sent at this rate, kept up by several at once where a timer came late. Default: as `paceMs` has it. */
  readonly tokensPerSecond?: number;
  /** After so many tokens no more come until this has. */
  readonly pause?: { readonly afterTokens: number; readonly until: Promise<unknown> };
  /** What goes wrong after `tokens` tokens. */
  readonly break?: { readonly afterTokens: number; readonly how: Break };
}

export type Break =
  | { readonly kind: 'hang' }
  /** The connection is torn down. */
  | { readonly kind: 'reset' }
  /** The response ends in good order, but too early. */
  | { readonly kind: 'end' }
  /** These bytes, as they are, then a good end. */
  | { readonly kind: 'bytes'; readonly text: string }
  /** These bytes, then nothing, and no end. */
  | { readonly kind: 'bytes-then-hang'; readonly text: string }
  /** One line without an end, of at least this many bytes, for as long as the client reads. */
  | { readonly kind: 'huge-line'; readonly bytes: number };

/** No stream at all. */
export type Fault =
  /** Neither an answer nor an end. */
  | { readonly fault: 'hang' }
  /** Headers of a stream, then nothing. */
  | { readonly fault: 'hang-after-headers' }
  /** The connection is torn down. */
  | { readonly fault: 'reset' }
  | {
      readonly fault: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    };

/** What the server does with one request. A string is an answer without faults. */
export type Reply = string | Answer | Fault;

export type Script = (request: ChatRequest) => Reply;

/** Words with the space before them; Chinese, Japanese and Korean one character each. Joins back into `text`. */
export function splitTokens(text: string): string[] {
  return (
    text.match(
      /\s*[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|\s*[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+|\s+/gu,
    ) ?? []
  );
}

/** `status` with a JSON error in OpenAI's form. */
export function errorReply(
  status: number,
  error: { message: string; type?: string; code?: string | number | null; param?: string | null },
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return {
    fault: 'answer',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error: { type: 'invalid_request_error', code: null, param: null, ...error } }),
  };
}

/** 429, as OpenAI says it. `retryAfter`: the header's value. */
export function overloaded(retryAfter?: string): Fault {
  return errorReply(
    429,
    { message: 'Rate limit reached for requests', type: 'requests', code: 'rate_limit_exceeded' },
    retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  );
}

/** 500, as OpenAI says it. */
export function serverError(): Fault {
  return errorReply(500, { message: 'The server had an error', type: 'server_error' });
}

/** A web page where a stream was asked for: a wrong address, a login page, a proxy. */
export function webPage(status = 200): Fault {
  return {
    fault: 'answer',
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><title>Welcome</title><p>Please sign in.</p>',
  };
}

export function answer(text: string, over: Partial<Answer> = {}): Answer {
  return { tokens: splitTokens(text), ...over };
}
