import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { TurnId } from '../../../src/domain/turn.js';
import type { HistoryReader } from '../../../src/ports/memory/history-reader.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import { principalOf } from '../access/principal.js';
import { addRoute, BODY_ERRORS, body, json, problem, RETRY_AFTER } from '../http/add-route.js';
import { ProblemError, problemOfRegeneration } from '../http/problem.js';
import { check, readJson } from '../http/read-request.js';
import { BODY_LIMIT, RegenerationCall, TurnCall, TurnQuery, VoteCall } from '../http/request-schemas.js';
import { Stopped, Voted } from '../http/response-schemas.js';
import { type AnswerDependencies, answerRequest, followTurn } from './answer-request.js';
import { ANSWER_EVENTS, ANSWER_RESPONSES } from './question-routes.js';
import { isTargetOf, readWebTarget, webAddress, webAuthor } from './web-address.js';

export interface TurnRoutesDependencies extends AnswerDependencies {
  readonly lookup: Pick<PlatformLookup, 'settings'>;
  readonly actions: Pick<TurnActions, 'stop' | 'regenerate' | 'vote'>;
  readonly history: Pick<HistoryReader, 'target'>;
}

const NOT_FOUND = problem('The conversation has no such turn.');
const params = z.object({ id: z.string().openapi({ description: 'The `turn_id` of an answer.' }) });

/** Turn ids can be guessed, so each call names the conversation as well. */
export function addTurnRoutes(app: OpenAPIHono, dependencies: TurnRoutesDependencies): void {
  const { lookup, actions, history } = dependencies;

  async function call<S extends z.ZodType<{ readonly conversation_id: string }>>(
    c: Context,
    schema: S,
  ): Promise<{ turnId: TurnId; given: z.output<S> }> {
    const given = await readJson(c.req.raw, schema, BODY_LIMIT);
    return { turnId: await turnOf(c, given.conversation_id), given };
  }

  /** @throws {ProblemError} 404 where the conversation has no such turn */
  async function turnOf(c: Context, conversationId: string): Promise<TurnId> {
    const id = c.req.param('id') ?? '';
    const turnId = /^[1-9]\d{0,9}$/.test(id) ? Number(id) : 0;
    const target = turnId > 0 && turnId <= MAX_ID ? readWebTarget(await history.target(turnId)) : null;
    if (isTargetOf(target, principalOf(c), conversationId)) return turnId;
    const message = 'This conversation has no turn of that id.';
    throw new ProblemError({ status: 404, code: 'not-found', message });
  }

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/turns/{id}/events',
      operationId: 'followTurn',
      summary: 'Follow an answer, from whatever there is of it; leaving stops nothing',
      request: { params, query: TurnQuery },
      responses: {
        200: { description: 'What there is, and what comes.', content: ANSWER_EVENTS },
        400: problem('The conversation’s id is missing, or not as described.'),
        404: NOT_FOUND,
      },
    },
    async (c) => {
      const { conversation_id: conversationId } = check(TurnQuery, c.req.query());
      const turnId = await turnOf(c, conversationId);
      return followTurn(dependencies, { turnId, conversationId }, c.req.raw);
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/turns/{id}/stop',
      operationId: 'stopTurn',
      summary: 'Stop an answer that is being written, or waits to be',
      request: { params, ...body(TurnCall) },
      responses: {
        200: json('Whether there was something to stop.', Stopped),
        404: NOT_FOUND,
        ...BODY_ERRORS,
      },
    },
    async (c) => {
      const { turnId } = await call(c, TurnCall);
      return c.json({ turn_id: turnId, stopped: await actions.stop(turnId) });
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/turns/{id}/regenerate',
      operationId: 'regenerateTurn',
      summary: 'Answer again; the new answer takes the place of the old',
      request: { params, ...body(RegenerationCall) },
      responses: {
        ...ANSWER_RESPONSES,
        404: NOT_FOUND,
        409: problem('The turn cannot be answered again now, or was stopped before it had an answer.'),
        ...BODY_ERRORS,
        429: problem('The user has asked too much; `code` says which limit.', RETRY_AFTER),
      },
    },
    async (c) => {
      const { turnId, given } = await call(c, RegenerationCall);
      const { language } = await lookup.settings(webAddress(principalOf(c), given.conversation_id));
      const again = await actions.regenerate(turnId, language === 'zh' ? 'zh' : 'en');
      if (again.type === 'refused') throw new ProblemError(problemOfRegeneration(again));
      const keepGoing = given.keep_going === true;
      const turn = { turnId, conversationId: given.conversation_id, ahead: 0, keepGoing };
      return answerRequest(dependencies, turn, c.req.raw);
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/turns/{id}/vote',
      operationId: 'voteTurn',
      summary: 'Say whether an answer was good',
      request: { params, ...body(VoteCall) },
      responses: { 200: json('The vote is stored.', Voted), 404: NOT_FOUND, ...BODY_ERRORS },
    },
    async (c) => {
      const { turnId, given } = await call(c, VoteCall);
      await actions.vote(turnId, webAuthor(principalOf(c), given.user_id), given.vote, given.comment);
      return c.json({ turn_id: turnId, vote: given.vote });
    },
  );
}

/** Row ids are 32-bit: the database refuses to look for larger ones. */
const MAX_ID = 2_147_483_647;
