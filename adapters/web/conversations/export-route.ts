import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { addressKey } from '../../../src/domain/address.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import type { ConversationList } from '../../../src/ports/memory/conversation-list.js';
import type { HistoryReader } from '../../../src/ports/memory/history-reader.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { principalOf } from '../access/principal.js';
import { addRoute, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check } from '../http/read-request.js';
import { ConversationIdText, ExportQuery } from '../http/request-schemas.js';
import { ExportedConversation } from '../http/response-schemas.js';
import { titleOf } from './conversation-list-routes.js';
import { type ConversationExport, exportedJson, exportedMarkdown } from './exported-conversation.js';
import { webAddress, webAuthor } from './web-address.js';

export interface ExportDependencies {
  readonly history: Pick<HistoryReader, 'walk'>;
  readonly conversations: Pick<ConversationList, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The newest are exported where a conversation has more. */
const MOST_TURNS = 10_000;
/** Longest name of a file, in UTF-16 code units. */
const NAME_LENGTH = 60;
const Path = z.object({ id: ConversationIdText });

const FORMATS = {
  json: { write: exportedJson, type: 'application/json', extension: 'json' },
  markdown: { write: exportedMarkdown, type: 'text/markdown; charset=utf-8', extension: 'md' },
} as const;

export function addExportRoute(
  app: OpenAPIHono,
  { history, conversations, clock, log }: ExportDependencies,
): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/conversations/{id}/export',
      operationId: 'exportConversation',
      summary: `Download a conversation as a file; of a longer one, the newest ${MOST_TURNS.toLocaleString('en')} turns`,
      request: { params: Path, query: ExportQuery },
      responses: {
        200: {
          description: 'The file. It breaks off where the database goes away meanwhile.',
          content: {
            'application/json': { schema: ExportedConversation },
            'text/markdown': { schema: { type: 'string' } },
          },
          headers: {
            'Content-Disposition': { description: 'With a name for the file.', schema: { type: 'string' } },
          },
        },
        400: problem('The id or the format is not as described.'),
        404: problem('Nothing was ever said in this conversation.'),
      },
    },
    async (c) => {
      const { id } = check(Path, c.req.param());
      const { format = 'json', user_id: userId } = check(ExportQuery, c.req.query());
      const principal = principalOf(c);
      const key = addressKey(webAddress(principal, id));
      const voter = userId === undefined ? {} : { voter: webAuthor(principal, userId).key };
      const walk = await history.walk(key, { most: MOST_TURNS, ...voter });
      if (!walk) {
        const message = 'Nothing was ever said in this conversation.';
        throw new ProblemError({ status: 404, code: 'not-found', message });
      }
      const listed = await conversations.find(key);
      const title = listed && titleOf(listed);
      const exported: ConversationExport = { ...walk, id, title, exportedAt: new Date(clock.now()) };
      const { write, type, extension } = FORMATS[format];
      return new Response(streamOf(write(exported), log), {
        headers: {
          'content-type': type,
          'content-disposition': attachment(title ?? '', extension),
        },
      });
    },
  );
}

/** Read as fast as the client takes it. Where `texts` fails the response breaks off: half a file must not pass for a whole. */
function streamOf(texts: AsyncGenerator<string>, log: Log): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await texts.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      } catch (err) {
        log.error({ err }, 'an export broke off');
        controller.error(new Error('The export broke off.'));
      }
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
}

/** RFC 6266: the title, without what file systems do not take, and a plain name for clients that know no other. */
function attachment(title: string, extension: string): string {
  const taken = title.replace(/[\p{C}\\/:*?"<>|]+/gu, ' ').replace(/^[\s.]+/, '');
  const plain = cutText(taken, NAME_LENGTH).trim();
  const encoded = encodeURIComponent(plain === '' ? 'conversation' : plain).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="conversation.${extension}"; filename*=UTF-8''${encoded}.${extension}`;
}
