import { randomUUID } from 'node:crypto';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Address } from '../../../src/domain/address.js';
import type { ConversationId, IncomingMessage } from '../../../src/domain/turn.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { ModelRouter } from '../../../src/ports/models/model-router.js';
import type { Inbox } from '../../../src/ports/turns/inbox.js';
import { principalOf } from '../access/principal.js';
import { type AnswerDependencies, problemOfWait } from '../conversations/answer-request.js';
import type { Wait } from '../conversations/waits.js';
import { watchTurn } from '../conversations/watch-turn.js';
import { askedWith, messageKey, webAuthor, webTarget } from '../conversations/web-address.js';
import { addRoute, body, json, RETRY_AFTER } from '../http/add-route.js';
import { ProblemError, problemOfOutcome, problemOfRefusal } from '../http/problem.js';
import { readJson } from '../http/read-request.js';
import { BODY_LIMIT } from '../http/request-schemas.js';
import { ChatCompletion, type ChatIdentity, completionBody } from './chat-answer.js';
import { chatEvents } from './chat-events.js';
import { ChatRequest, readPrompt, readSampling, requireSupported } from './chat-request.js';
import { leftPrompts } from './left-prompts.js';
import { OpenAiError } from './openai-problem.js';

export interface ChatDependencies extends AnswerDependencies {
  readonly inbox: Pick<Inbox, 'accept'>;
  readonly memory: Pick<MemoryStore, 'clear' | 'clearGiven'>;
  readonly router: Pick<ModelRouter, 'models'>;
}

const problem = (description: string, headers = {}) => ({ ...json(description, OpenAiError), headers });
const EVENTS =
  'With `stream` the answer comes as server-sent events, as the OpenAI API sends them, and ends with `[DONE]`. A client that goes away stops the answer.';

/** `POST /v1/chat/completions`, as clients of the OpenAI API call it: ordinary turns, of which nothing is remembered. */
export function addChatRoutes(app: OpenAPIHono, dependencies: ChatDependencies): void {
  const { inbox, router, clock, waits } = dependencies;
  const left = leftPrompts(dependencies);

  addRoute(
    app,
    {
      method: 'post',
      path: '/v1/chat/completions',
      operationId: 'createChatCompletion',
      summary: 'Answer given messages, as the OpenAI API does; nothing of them is remembered',
      description: EVENTS,
      security: [{ apiKey: [] }, { session: [] }],
      request: body(ChatRequest),
      responses: {
        200: {
          description: 'The answer.',
          content: {
            'application/json': { schema: ChatCompletion },
            'text/event-stream': { schema: z.string().openapi({ description: EVENTS }) },
          },
        },
        400: problem('A field is not as described, or asks for what Parley cannot do.'),
        401: problem('The API key is missing or wrong.'),
        403: problem('Not for this caller.'),
        404: problem('There is no such model.'),
        409: problem('The answer was stopped.'),
        413: problem('The body is larger than 256 kB, or the messages too long for the model.'),
        415: problem('The body is not application/json in UTF-8.'),
        429: problem('The user has asked too much.', RETRY_AFTER),
        500: problem('A bug in Parley; its log says more.'),
        502: problem('The model gave no usable answer.'),
        503: problem('Database, queue or model is out of reach.', RETRY_AFTER),
        504: problem('The answer took too long and was stopped.'),
      },
    },
    async (c) => {
      const principal = principalOf(c);
      const given = await readJson(c.req.raw, ChatRequest, BODY_LIMIT);
      requireSupported(given);
      const user = given.user ? given.user : 'openai';
      const conversation = randomUUID();
      const message: IncomingMessage = {
        key: messageKey(principal, user, null),
        address: chatAddress(conversation),
        author: webAuthor(principal, user),
        ...askedWith(principal),
        text: '',
        prompt: readPrompt(given.messages),
        target: webTarget(principal, conversation, null),
        ...(given.model !== undefined && { model: given.model }),
        sampling: readSampling(given),
      };
      left.clearNowAndThen();
      const acceptance = await inbox.accept(message);
      if (acceptance.type === 'refused') throw new ProblemError(problemOfRefusal(acceptance));
      const { turnId, conversationId } = acceptance;
      const model = given.model ?? router.models().find(({ isDefault }) => isDefault)?.alias ?? '';
      const chat = { turnId, createdMs: clock.now(), model };
      const wait = waits.open(turnId, c.req.raw.signal);
      if (!given.stream) return wholeCompletion(chat, conversationId, wait);
      return streamed(chat, conversationId, wait, given.stream_options?.include_usage ?? false);
    },
  );

  async function wholeCompletion(
    chat: ChatIdentity,
    conversationId: ConversationId,
    wait: Wait,
  ): Promise<Response> {
    try {
      for await (const news of watchTurn(dependencies, chat.turnId, wait.signal)) {
        if (news.type !== 'ended') continue;
        if (news.outcome.state === 'done') return Response.json(completionBody(chat, news.outcome));
        throw new ProblemError(problemOfOutcome(news.outcome));
      }
      throw new Error('the watch of a turn ended without its outcome');
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError(problemOfWait(dependencies, error, chat.turnId));
    } finally {
      wait.close();
      await left.clear(conversationId);
    }
  }

  function streamed(
    chat: ChatIdentity,
    conversationId: ConversationId,
    wait: Wait,
    withUsage: boolean,
  ): Response {
    const encoder = new TextEncoder();
    const problemOf = (error: unknown) => problemOfWait(dependencies, error, chat.turnId);
    const events = chatEvents(dependencies, { chat, withUsage, signal: wait.signal, problemOf });
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await events.next();
        if (!next.done) return controller.enqueue(encoder.encode(next.value));
        wait.close();
        await left.clear(conversationId);
        controller.close();
      },
      async cancel() {
        wait.leave();
        await left.clear(conversationId);
      },
    });
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };
    return new Response(stream, { headers });
  }
}

/** A place of its own for each call: calls are answered beside each other, and none remembers another. */
function chatAddress(conversation: string): Address {
  return { platform: 'web', app: 'parley', workspace: 'v1', channel: conversation, kind: 'call' };
}
