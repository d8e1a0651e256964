import type { MiddlewareHandler } from 'hono';
import { bearerToken, unauthorized } from './access.js';
import { type Principal, principalOf } from './principal.js';
import { ProblemError } from './problem.js';
import { sameKey } from './same-key.js';
import { requireOwnPage } from './same-origin.js';
import { hasSession, type SessionDependencies } from './session-cookie.js';
import { SESSION_PATH } from './session-routes.js';

export type CallerDependencies = SessionDependencies & {
  /** Without it everybody whom `localOnly` lets through is the admin. */
  readonly apiKey?: string;
};

/** Finds out who calls, for `principalOf`; a request that shows nobody goes no further. Signing in needs nothing. */
export function identifyCaller(dependencies: CallerDependencies): MiddlewareHandler {
  const { apiKey } = dependencies;

  function callerOf(c: Parameters<MiddlewareHandler>[0]): Principal {
    if (apiKey === undefined) return { type: 'admin' };
    const authorization = c.req.header('authorization');
    if (authorization === undefined && hasSession(c, dependencies)) {
      requireOwnPage(c);
      return { type: 'admin' };
    }
    const token = bearerToken(authorization ?? '');
    if (token === undefined || !sameKey(token, apiKey)) throw unauthorized('bearer', token !== undefined);
    return { type: 'admin' };
  }

  return async (c, next) => {
    if (c.req.path !== SESSION_PATH) c.set('principal', callerOf(c));
    await next();
  };
}

/** What an operator alone may see and do. */
export function adminOnly(): MiddlewareHandler {
  return async (c, next) => {
    if (principalOf(c).type !== 'admin') {
      const message =
        'This needs PARLEY_API_KEY, or a browser signed in with it; an API key does not reach it.';
      throw new ProblemError({ status: 403, code: 'forbidden', message });
    }
    await next();
  };
}
