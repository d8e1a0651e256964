import type { OpenAPIHono } from '@hono/zod-openapi';
import type { QueueBoard } from '../../../src/ports/queue/queue-board.js';
import { requireKey } from '../access/access.js';
import type { KeyGuesses } from '../access/key-guesses.js';
import { hasSession, type SessionDependencies } from '../access/session-cookie.js';

/** Where the queue board is. */
export const QUEUES_PATH = '/queues';

/**
 * The page's own scripts and styles alone. It styles its elements inline, and places menus that way while it runs.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Queues and jobs for an operator's browser: one that is signed in, or that gives the key as a password. The pages can
 * change nothing.
 */
export function addQueueRoutes(
  app: OpenAPIHono,
  board: QueueBoard,
  dependencies: SessionDependencies & { readonly apiKey: string; readonly guesses: KeyGuesses },
): void {
  const paths = [QUEUES_PATH, `${QUEUES_PATH}/*`];
  const withKey = requireKey(dependencies.apiKey, dependencies.guesses, 'bearer or password');
  app.use(`${QUEUES_PATH}/*`, async (c, next) => (hasSession(c, dependencies) ? next() : withKey(c, next)));
  app.on('GET', paths, async (c) => {
    const response = await board.fetch(c.req.raw);
    const headers = new Headers(response.headers);
    headers.set('content-security-policy', POLICY);
    return new Response(response.body, { status: response.status, headers });
  });
}
