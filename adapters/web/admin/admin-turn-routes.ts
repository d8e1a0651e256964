import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import type { ListedState, ListedTurn, TurnListing } from '../../../src/ports/turns/turn-listing.js';
import type { TurnLookup } from '../../../src/ports/turns/turn-lookup.js';
import { addRoute, json, problem, RETRY_AFTER } from '../http/add-route.js';
import { ProblemError, problemOfRegeneration } from '../http/problem.js';
import { check } from '../http/read-request.js';
import { DEFAULT_PAGE, QueueQuery, TurnPath } from './admin-queries.js';

export interface AdminTurnDependencies {
  readonly listing: TurnListing;
  readonly turns: Pick<TurnLookup, 'find'>;
  readonly actions: Pick<TurnActions, 'regenerate'>;
}

const Count = z.int().min(0);
const Moment = z.iso.datetime().nullable();

const Queue = z
  .object({
    counts: z.object({ waiting: Count, running: Count, failed: Count }),
    turns: z.array(
      z.object({
        turn_id: Count,
        state: z.enum(['waiting', 'running', 'failed']),
        place: z.string().openapi({ description: 'The `key` of GET /api/admin/places.' }),
        user: z.object({ key: z.string(), name: z.string() }),
        model: z.string().nullable().openapi({ description: 'Where the message itself asked for one.' }),
        attempt: Count,
        failure: z
          .object({
            kind: z.string(),
            message: z.string().openapi({ description: 'What its asker was told.' }),
          })
          .nullable(),
        text: z.string().nullable().openapi({ description: 'Null unless `show_text` is yes.' }),
        asked_at: z.iso.datetime(),
        started_at: Moment,
        finished_at: Moment,
      }),
    ),
    earlier: Count.nullable(),
  })
  .openapi('Queue');

const Retried = z.object({ turn_id: Count }).openapi('Retried');

const STATES: Readonly<Record<'waiting' | 'running' | 'failed', ListedState>> = {
  waiting: 'pending',
  running: 'running',
  failed: 'failed',
};

/** What waits, runs and failed, over all conversations. What was said is shown only where that is asked for. */
export function addAdminTurnRoutes(app: OpenAPIHono, dependencies: AdminTurnDependencies): void {
  const { listing, turns, actions } = dependencies;

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/queue',
      operationId: 'listQueue',
      summary: 'Turns that wait, run, or failed; newest first',
      request: { query: QueueQuery },
      responses: { 200: json('A page of turns.', Queue), 400: problem('The page is not as described.') },
    },
    async (c) => {
      const query = check(QueueQuery, c.req.query());
      const [counts, page] = await Promise.all([
        listing.counts(),
        listing.page(STATES[query.state ?? 'waiting'], {
          limit: query.limit ?? DEFAULT_PAGE,
          withText: query.show_text === 'yes',
          ...(query.before !== undefined && { before: query.before }),
        }),
      ]);
      const { pending: waiting, running, failed } = counts;
      return c.json({
        counts: { waiting, running, failed },
        turns: page.turns.map(turnBody),
        earlier: page.earlier,
      });
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/admin/turns/{id}/retry',
      operationId: 'retryTurn',
      summary: 'Have a failed turn answered again, where it was asked',
      request: { params: TurnPath },
      responses: {
        202: json('It waits to be answered.', Retried),
        400: problem('The id is not as described.'),
        404: problem('There is no such turn, or it was forgotten.'),
        409: problem('The turn did not fail.'),
        429: problem('Its asker has asked too much; `code` says which limit.', RETRY_AFTER),
      },
    },
    async (c) => {
      const { id } = check(TurnPath, c.req.param());
      const turn = await turns.find(id);
      if (!turn) {
        throw new ProblemError({ status: 404, code: 'not-found', message: 'There is no turn of that id.' });
      }
      if (turn.state !== 'failed') {
        const message = 'Only a turn that failed can be tried again.';
        throw new ProblemError({ status: 409, code: 'not-failed', message });
      }
      const again = await actions.regenerate(id, 'en');
      if (again.type === 'refused') throw new ProblemError(problemOfRegeneration(again));
      return c.json({ turn_id: id }, 202);
    },
  );
}

function turnBody(turn: ListedTurn) {
  const { failure } = turn;
  return {
    turn_id: turn.id,
    state: turn.state === 'pending' ? 'waiting' : turn.state,
    place: turn.place,
    user: turn.author,
    model: turn.askedModel,
    attempt: turn.attempt,
    failure: failure && { kind: failure.kind, message: failure.notice },
    text: turn.text,
    asked_at: turn.acceptedAt.toISOString(),
    started_at: turn.startedAt?.toISOString() ?? null,
    finished_at: turn.finishedAt?.toISOString() ?? null,
  };
}
