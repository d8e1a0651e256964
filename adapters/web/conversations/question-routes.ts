import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { IncomingMessage, TurnId } from '../../../src/domain/turn.js';
import type { HistoryReader } from '../../../src/ports/memory/history-reader.js';
import type { Acceptance, Inbox } from '../../../src/ports/turns/inbox.js';
import { principalOf } from '../access/principal.js';
import { addRoute, BODY_ERRORS, body, problem, RETRY_AFTER } from '../http/add-route.js';
import { ProblemError, problemOfRefusal } from '../http/problem.js';
import { readJson } from '../http/read-request.js';
import { BODY_LIMIT, Question } from '../http/request-schemas.js';
import { ANSWER_EVENTS_TEXT, Answer, AnswerEvent } from '../http/response-schemas.js';
import { type AnswerDependencies, answerRequest } from './answer-request.js';
import { readParameters } from './sampling-parameters.js';
import {
  askedWith,
  messageKey,
  newConversationId,
  readWebTarget,
  type WebTarget,
  webAddress,
  webAuthor,
  webTarget,
} from './web-address.js';

export interface QuestionDependencies extends AnswerDependencies {
  readonly inbox: Pick<Inbox, 'accept'>;
  readonly history: Pick<HistoryReader, 'target'>;
}

export const ANSWER_EVENTS = { 'text/event-stream': { schema: AnswerEvent } };

/** What every call that waits for an answer responds with. */
export const ANSWER_RESPONSES = {
  200: {
    description: 'The answer.',
    content: {
      'application/json': { schema: Answer },
      ...ANSWER_EVENTS,
    },
  },
  409: problem('The turn was stopped before it had an answer.'),
  502: problem('The model gave no usable answer; `kind` says why.'),
  504: problem('The answer took too long and was stopped.'),
};

export const IdempotencyKey = z.string().optional().openapi({
  description:
    'The same key of the same user again waits for, or returns, the answer to the first request; it is never answered twice. 1 to 255 visible ASCII characters.',
});

export function addQuestionRoutes(app: OpenAPIHono, dependencies: QuestionDependencies): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/api/question',
      operationId: 'askQuestion',
      summary: 'Ask a question and get, or stream, its answer',
      description: ANSWER_EVENTS_TEXT,
      request: { headers: z.object({ 'Idempotency-Key': IdempotencyKey }), ...body(Question) },
      responses: {
        ...ANSWER_RESPONSES,
        ...BODY_ERRORS,
        404: problem('What `replaces` names is no turn of this conversation.'),
        409: problem(
          'The turn was stopped before it had an answer. Or what `replaces` names, or a later turn, is still being answered, or was replaced or cleared already.',
        ),
        422: problem('The Idempotency-Key was used for another question.'),
        429: problem('The user has asked too much; `code` says which limit.', RETRY_AFTER),
      },
    },
    async (c) => {
      const request = c.req.raw;
      const principal = principalOf(c);
      const idempotencyKey = readIdempotencyKey(request.headers);
      const { keep_going: keepGoing, ...asked } = await readJson(request, Question, BODY_LIMIT);
      const conversationId = asked.conversation_id ?? newConversationId();
      const target = webTarget(principal, conversationId, idempotencyKey === null ? null : asked);
      const message: IncomingMessage = {
        key: messageKey(principal, asked.user_id, idempotencyKey),
        address: webAddress(principal, conversationId),
        author: webAuthor(principal, asked.user_id),
        ...askedWith(principal),
        text: asked.question,
        target,
        ...(asked.model !== undefined && { model: asked.model }),
        ...(asked.parameters && { sampling: readParameters(asked.parameters) }),
        ...(asked.replaces !== undefined && { replaces: asked.replaces }),
      };
      const acceptance = await dependencies.inbox.accept(message);
      return answerAccepted(dependencies, acceptance, target, request, keepGoing);
    },
  );
}

/** Waits for what became of a message, and answers the request that brought it. */
export async function answerAccepted(
  dependencies: Pick<QuestionDependencies, 'history'> & AnswerDependencies,
  acceptance: Acceptance,
  target: WebTarget,
  request: Request,
  keepGoing = false,
): Promise<Response> {
  if (acceptance.type === 'refused') throw new ProblemError(problemOfRefusal(acceptance));
  const { turnId } = acceptance;
  if (acceptance.type === 'accepted') {
    const { ahead } = acceptance;
    const turn = { turnId, conversationId: target.conversation, ahead, keepGoing };
    return answerRequest(dependencies, turn, request);
  }
  const first = await firstTarget(dependencies.history, turnId, target);
  const turn = { turnId, conversationId: first.conversation, ahead: 0, begun: true, keepGoing };
  return answerRequest(dependencies, turn, request);
}

/** @throws {ProblemError} 422 where the first request under this key asked something else */
async function firstTarget(
  history: Pick<HistoryReader, 'target'>,
  turnId: TurnId,
  target: WebTarget,
): Promise<WebTarget> {
  const first = readWebTarget(await history.target(turnId));
  if (first && first.request === target.request) return first;
  throw new ProblemError({
    status: 422,
    code: 'idempotency-mismatch',
    message: 'This Idempotency-Key was used for another question; use a new one.',
  });
}

/** @throws {ProblemError} 400 */
export function readIdempotencyKey(headers: Headers): string | null {
  const key = headers.get('idempotency-key');
  if (key === null || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new ProblemError({
    status: 400,
    code: 'invalid',
    message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  });
}
