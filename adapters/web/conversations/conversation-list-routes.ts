import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { addressKey } from '../../../src/domain/address.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import type { ConversationList, ListedConversation } from '../../../src/ports/memory/conversation-list.js';
import { principalOf } from '../access/principal.js';
import { addRoute, BODY_ERRORS, body, json, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check, readJson } from '../http/read-request.js';
import { BODY_LIMIT, ConversationChange, ConversationIdText, ListQuery } from '../http/request-schemas.js';
import { Conversations, ListedConversation as ListedConversationBody } from '../http/response-schemas.js';
import { webAddress, webAuthor } from './web-address.js';

export interface ConversationListDependencies {
  readonly conversations: Pick<ConversationList, 'page' | 'find' | 'rename'>;
}

const DEFAULT_PAGE = 50;
/** Of the first question, in UTF-16 code units, where nobody gave a title. */
const TITLE_LENGTH = 80;
const Path = z.object({ id: ConversationIdText });

export function addConversationListRoutes(
  app: OpenAPIHono,
  { conversations }: ConversationListDependencies,
): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/conversations',
      operationId: 'listConversations',
      summary: 'List the conversations a user has taken part in, or search them',
      request: { query: ListQuery },
      responses: {
        200: json('A page of the list, newest first.', Conversations),
        400: problem('The user is missing, or something is not as described.'),
      },
    },
    async (c) => {
      const { user_id: userId, search, before, limit } = check(ListQuery, c.req.query());
      const principal = principalOf(c);
      const page = await conversations.page(webAuthor(principal, userId).key, webAddress(principal, ''), {
        limit: limit ?? DEFAULT_PAGE,
        ...(before !== undefined && { before }),
        ...(search !== undefined && search.trim() !== '' && { search: search.trim() }),
      });
      return c.json({ conversations: page.conversations.map(listedBody), earlier: page.earlier });
    },
  );

  addRoute(
    app,
    {
      method: 'patch',
      path: '/api/conversations/{id}',
      operationId: 'renameConversation',
      summary: 'Give a conversation a title, or take it back',
      request: { params: Path, ...body(ConversationChange) },
      responses: {
        200: json('The conversation, as the list has it.', ListedConversationBody),
        404: problem('Nothing was ever said in this conversation.'),
        ...BODY_ERRORS,
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const { title } = await readJson(c.req.raw, ConversationChange, BODY_LIMIT);
      const key = addressKey(webAddress(principalOf(c), id));
      const listed = (await conversations.rename(key, title)) ? await conversations.find(key) : null;
      if (listed) return c.json(listedBody(listed));
      const message = 'Nothing was ever said in this conversation.';
      throw new ProblemError({ status: 404, code: 'not-found', message });
    },
  );
}

/** As a person named it, or else its first question, cut short; null where there is neither. */
export function titleOf({ title, firstQuestion }: ListedConversation): string | null {
  const question = firstQuestion?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return title ?? (question === '' ? null : cutText(question, TITLE_LENGTH));
}

function listedBody(conversation: ListedConversation) {
  return {
    conversation_id: conversation.channel,
    title: titleOf(conversation),
    turns: conversation.turns,
    updated_at: conversation.updatedAt.toISOString(),
    created_at: conversation.createdAt.toISOString(),
  };
}
