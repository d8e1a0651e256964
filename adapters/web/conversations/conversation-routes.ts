import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { addressKey } from '../../../src/domain/address.js';
import type { ConversationList } from '../../../src/ports/memory/conversation-list.js';
import type { HistoryReader } from '../../../src/ports/memory/history-reader.js';
import type { MemoryStore } from '../../../src/ports/memory/memory-store.js';
import type { SettingsStore } from '../../../src/ports/settings/settings-store.js';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import type { TurnLookup } from '../../../src/ports/turns/turn-lookup.js';
import { principalOf } from '../access/principal.js';
import { addRoute, json, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check } from '../http/read-request.js';
import { ConversationIdText, PageQuery } from '../http/request-schemas.js';
import { Conversation, Forgotten } from '../http/response-schemas.js';
import { turnBody } from './turn-body.js';
import { webAddress, webAuthor } from './web-address.js';

export interface ConversationDependencies {
  readonly history: Pick<HistoryReader, 'page'>;
  readonly memory: Pick<MemoryStore, 'find' | 'clear'>;
  readonly turns: Pick<TurnLookup, 'unfinished'>;
  readonly conversations: Pick<ConversationList, 'unlist'>;
  readonly settings: Pick<SettingsStore, 'clear'>;
  readonly actions: Pick<TurnActions, 'stop'>;
}

const DEFAULT_PAGE = 50;
const Path = z.object({ id: ConversationIdText });

export function addConversationRoutes(app: OpenAPIHono, dependencies: ConversationDependencies): void {
  const { history, memory, turns, actions, conversations, settings } = dependencies;

  /** Stops what is being written, then forgets. Returns turns forgotten. */
  async function forget(key: string): Promise<number> {
    const conversation = await memory.find(key);
    if (conversation === null) return 0;
    for (const turn of await turns.unfinished(conversation)) await actions.stop(turn.id);
    return memory.clear(conversation);
  }

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
      const { before, limit, user_id: userId } = check(PageQuery, c.req.query());
      const page = await history.page(addressKey(webAddress(principalOf(c), id)), {
        limit: limit ?? DEFAULT_PAGE,
        ...(before !== undefined && { before }),
        ...(userId !== undefined && { voter: webAuthor(principalOf(c), userId).key }),
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
      summary:
        'Forget a conversation and its settings, and take it off the list; answers being written are stopped',
      request: { params: Path },
      responses: {
        200: json('How much was forgotten; nothing is left of it but usage numbers.', Forgotten),
        400: problem('The id is not as described.'),
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const key = addressKey(webAddress(principalOf(c), id));
      const forgotten = await forget(key);
      await conversations.unlist(key);
      await settings.clear(key);
      return c.json({ conversation_id: id, forgotten });
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/conversations/{id}/clear',
      operationId: 'clearConversation',
      summary: 'Forget what was said in a conversation; it stays on the list, with the title it was given',
      request: { params: Path },
      responses: {
        200: json('How much was forgotten; nothing is left of it but usage numbers.', Forgotten),
        400: problem('The id is not as described.'),
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      return c.json({
        conversation_id: id,
        forgotten: await forget(addressKey(webAddress(principalOf(c), id))),
      });
    },
  );
}
