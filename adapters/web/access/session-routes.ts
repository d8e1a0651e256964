import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { addRoute, BODY_ERRORS, body, json, problem, RETRY_AFTER } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { readJson } from '../http/read-request.js';
import { AttemptLimit } from './attempt-limit.js';
import { callerAddress } from './caller-address.js';
import { sameKey } from './same-key.js';
import { requireOwnPage } from './same-origin.js';
import { beginSession, endSession, hasSession, type SessionDependencies } from './session-cookie.js';

export const SESSION_PATH = '/api/session';

/** Of a body that holds a key alone, in bytes. */
const LOGIN_BODY_LIMIT = 4_096;
const ATTEMPTS = { attempts: 10, withinMs: 60_000 };

const Login = z
  .strictObject({ key: z.string().min(1).max(1_000).openapi({ description: 'PARLEY_API_KEY.' }) })
  .openapi('Login');
const SessionState = z
  .object({
    signed_in: z.boolean(),
    needs_key: z.boolean().openapi({ description: 'False on a server without PARLEY_API_KEY.' }),
  })
  .openapi('Session');

/** Signing in and out with a browser, which keeps the session in a cookie that no script can read. */
export function addSessionRoutes(
  app: OpenAPIHono,
  dependencies: SessionDependencies & { readonly apiKey?: string },
): void {
  const { apiKey, sessions, clock } = dependencies;
  const limit = new AttemptLimit(ATTEMPTS);
  const open = { path: SESSION_PATH, security: [] };

  addRoute(
    app,
    {
      ...open,
      method: 'get',
      operationId: 'readSession',
      summary: 'Whether this browser is signed in, or need not be',
      responses: { 200: json('Where this browser stands.', SessionState) },
    },
    (c) =>
      c.json({ signed_in: sessions === null || hasSession(c, dependencies), needs_key: sessions !== null }),
  );

  addRoute(
    app,
    {
      ...open,
      method: 'post',
      operationId: 'signIn',
      summary: 'Sign a browser in, for 7 days; the session comes as a cookie',
      request: body(Login),
      responses: {
        204: { description: 'Signed in.' },
        ...BODY_ERRORS,
        401: problem('The key is wrong.'),
        429: problem('More than 10 attempts in a minute came from this address.', RETRY_AFTER),
      },
    },
    async (c) => {
      requireOwnPageOf(c);
      const { key } = await readJson(c.req.raw, Login, LOGIN_BODY_LIMIT);
      if (apiKey === undefined || sessions === null) return c.body(null, 204);
      const retryAfterMs = limit.wait(callerAddress(c), clock.now());
      if (retryAfterMs > 0) {
        const message = 'There were too many attempts to sign in from your address; wait a minute.';
        throw new ProblemError({ status: 429, code: 'attempt-limit', message, retryAfterMs });
      }
      if (!sameKey(key, apiKey)) {
        const message = 'This is not the key: it is the PARLEY_API_KEY that the server was started with.';
        throw new ProblemError({ status: 401, code: 'unauthorized', message });
      }
      beginSession(c, sessions, clock);
      return c.body(null, 204);
    },
  );

  addRoute(
    app,
    {
      ...open,
      method: 'delete',
      operationId: 'signOut',
      summary: 'Sign this browser out',
      responses: { 204: { description: 'Signed out, or was not signed in.' } },
    },
    (c) => {
      requireOwnPageOf(c);
      endSession(c);
      return c.body(null, 204);
    },
  );
}

/** A program that is no browser says nothing of where it comes from, and has no cookie that could be used. */
function requireOwnPageOf(c: Context): void {
  if (c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined) requireOwnPage(c);
}
