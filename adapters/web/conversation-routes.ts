import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { addressKey } from '../../src/domain/address.js';
import type { HistoryReader, HistoryTurn } from '../../src/ports/history-reader.js';
import type { Inbox } from '../../src/ports/inbox.js';
import type { MemoryStore } from '../../src/ports/memory-store.js';
import type { TurnStore } from '../../src/ports/turn-store.js';
import { addRoute, json, problem } from './add-route.js';
import { usageBody } from './answer-request.js';
import { ProblemError } from './problem.js';
import { check } from './read-request.js';
import { ConversationIdText, PageQuery } from './request-schemas.js';
import { Conversation, Forgotten } from './response-schemas.js';
import { webAddress } from './web-address.js';

export interface ConversationDependencies {
  readonly history: Pick<HistoryReader, 'page'>;
  readonly memory: Pick<MemoryStore, 'find' | 'clear'>;
  readonly turns: Pick<TurnStore, 'unfinished'>;
  readonly inbox: Pick<Inbox, 'stop'>;
}

const DEFAULT_PAGE = 50;
const Path = z.object({ id: ConversationIdText });

export function addConversationRoutes(app: OpenAPIHono, dependencies: ConversationDependencies): void {
  const { history, memory, turns, inbox } = dependencies;

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/conversations/{id}',
      operationId: 'readConversation',
      summary: 'Read a conversation, newest page first',
      request: { params: Path, query: PageQuery },
      responses: {
        200: json('A page of the conversation.', Conversation),
        400: problem('The id or the page is not as described.'),
        404: problem('Nothing was ever said in this conversation.'),
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const { before, limit } = check(PageQuery, c.req.query());
      const page = await history.page(addressKey(webAddress(id)), {
        limit: limit ?? DEFAULT_PAGE,
        ...(before !== undefined && { before }),
      });
      if (!page) {
        const message = 'Nothing was ever said in this conversation.';
        throw new ProblemError({ status: 404, code: 'not-found', message });
      }
      return c.json({
        conversation_id: id,
        turns: page.turns.map(turnBody),
        earlier: page.earlier,
      });
    },
  );

  addRoute(
    app,
    {
      method: 'delete',
      path: '/api/conversations/{id}',
      operationId: 'forgetConversation',
      summary: 'Forget a conversation; answers being written are stopped',
      request: { params: Path },
      responses: {
        200: json('How much was forgotten; nothing is left of it but usage numbers.', Forgotten),
        400: problem('The id is not as described.'),
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const conversation = await memory.find(addressKey(webAddress(id)));
      if (conversation === null) return c.json({ conversation_id: id, forgotten: 0 });
      for (const turn of await turns.unfinished(conversation)) await inbox.stop(turn.id);
      return c.json({ conversation_id: id, forgotten: await memory.clear(conversation) });
    },
  );
}

function turnBody(turn: HistoryTurn) {
  return {
    turn_id: turn.id,
    state: turn.state,
    user_id: turn.author.id,
    question: turn.text,
    quoted: turn.quoted,
    answer: turn.reply,
    model: turn.model,
    finish_reason: turn.finishReason,
    usage: usageBody(turn.usage),
    failure: turn.failure && { kind: turn.failure.kind, message: turn.failure.notice },
    asked_at: turn.acceptedAt.toISOString(),
    finished_at: turn.finishedAt?.toISOString() ?? null,
  };
}
