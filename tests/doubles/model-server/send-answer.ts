import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChatRequest } from './chat-request.js';
import type { Answer, Break } from './reply.js';

/** An answer cut to what the request allows. */
interface Shaped {
  readonly tokens: readonly string[];
  readonly finishReason: string | null;
}

/** Applies `max_tokens` and `stop` as a model server does. */
function shapeAnswer(request: ChatRequest, answer: Answer): Shaped {
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const cut = answer.tokens.length > limit;
  const tokens = cut ? answer.tokens.slice(0, limit) : answer.tokens;
  const text = tokens.join('');
  const stopAt = Math.min(...(request.stop ?? []).map((stop) => text.indexOf(stop)).filter((at) => at >= 0));
  if (Number.isFinite(stopAt)) return { tokens: shorten(tokens, stopAt), finishReason: 'stop' };
  if (answer.finishReason !== undefined) return { tokens, finishReason: answer.finishReason };
  return { tokens, finishReason: cut ? 'length' : 'stop' };
}

export function countPrompt(request: ChatRequest): number {
  return request.messages.reduce((sum, message) => sum + 4 + Math.ceil(message.content.length / 4), 0);
}

function usageOf(request: ChatRequest, answer: Answer, replied: number) {
  const prompt = countPrompt(request);
  return {
    prompt_tokens: prompt,
    completion_tokens: replied,
    total_tokens: prompt + replied,
    ...(answer.cachedTokens !== undefined && {
      prompt_tokens_details: { cached_tokens: answer.cachedTokens },
    }),
  };
}

/** The whole answer as one JSON body. */
export function completion(request: ChatRequest, answer: Answer): object {
  const { tokens, finishReason } = shapeAnswer(request, answer);
  const message = { role: 'assistant', content: tokens.join('') };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: [{ index: 0, message, finish_reason: finishReason }],
    ...(answer.usage !== false && { usage: usageOf(request, answer, tokens.length) }),
  };
}

/** Streams the answer as server-sent events. Resolves when it is sent, has hung up, or `closed` aborts. */
export async function streamAnswer(
  response: ServerResponse,
  request: ChatRequest,
  answer: Answer,
  closed: AbortSignal,
): Promise<void> {
  const { tokens, finishReason } = shapeAnswer(request, answer);
  const write = writer(response, answer, closed);
  const chunk = (choices: object[], rest: object = {}) =>
    write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: request.model, choices, ...rest })}\n\n`,
    );
  const delta = (fields: object) => chunk([{ index: 0, delta: fields, finish_reason: null }]);

  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  await delta({ role: 'assistant', content: '' });
  for (const token of answer.reasoning?.tokens ?? []) {
    await delta({ [answer.reasoning?.field ?? 'reasoning']: token, content: null });
  }
  const began = performance.now();
  for (const [index, token] of tokens.entries()) {
    if (answer.break?.afterTokens === index) return breakOff(response, answer.break.how, closed);
    if (answer.pause?.afterTokens === index) await answer.pause.until;
    if (answer.paceMs && index > 0) await delay(answer.paceMs, undefined, { signal: closed });
    const early = answer.tokensPerSecond
      ? began + (index * 1000) / answer.tokensPerSecond - performance.now()
      : 0;
    if (early > 0) await delay(early, undefined, { signal: closed });
    await delta({ content: token });
  }
  if (answer.break) return breakOff(response, answer.break.how, closed);
  if (finishReason !== null) await chunk([{ index: 0, delta: {}, finish_reason: finishReason }]);
  if (request.stream_options?.include_usage && answer.usage !== false) {
    await chunk([], { usage: usageOf(request, answer, tokens.length) });
  }
  if (answer.done !== false) await write('data: [DONE]\n\n');
  if (answer.paceMs) await delay(answer.paceMs, undefined, { signal: closed });
  response.end();
}

async function breakOff(response: ServerResponse, how: Break, closed: AbortSignal): Promise<void> {
  switch (how.kind) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'end':
      response.end();
      return;
    case 'bytes':
      response.end(how.text);
      return;
    case 'bytes-then-hang':
      response.write(how.text);
      return;
    case 'huge-line': {
      const block = 'x'.repeat(65_536);
      response.write('data: "');
      for (let sent = 0; sent < how.bytes && !closed.aborted; sent += block.length)
        await send(response, block, closed);
    }
  }
}

function writer(response: ServerResponse, answer: Answer, closed: AbortSignal) {
  return async (event: string) => {
    const text = answer.comments ? `: still here\n\n${event}` : event;
    const bytes = Buffer.from(answer.crlf ? text.replaceAll('\n', '\r\n') : text);
    const size = answer.writeBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size)
      await send(response, bytes.subarray(at, at + size), closed);
  };
}

/** One write of its own on the socket, as far as the system allows. */
async function send(
  response: ServerResponse,
  bytes: Uint8Array | string,
  closed: AbortSignal,
): Promise<void> {
  closed.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => reject(closed.reason);
    closed.addEventListener('abort', onAbort, { once: true });
    response.write(bytes, () => {
      closed.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

function shorten(tokens: readonly string[], length: number): string[] {
  const kept: string[] = [];
  let left = length;
  for (const token of tokens) {
    if (left <= 0) break;
    kept.push(token.slice(0, left));
    left -= token.length;
  }
  return kept;
}
