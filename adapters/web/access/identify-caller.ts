import type { Context, MiddlewareHandler } from 'hono';
import { isApiKey } from '../../../src/domain/api-key.js';
import type { ApiKeyLookup } from '../../../src/ports/settings/api-keys.js';
import { ProblemError } from '../http/problem.js';
import { bearerToken, unauthorized } from './access.js';
import type { KeyGuesses } from './key-guesses.js';
import { type Principal, principalOf } from './principal.js';
import { sameKey } from './same-key.js';
import { requireOwnPage } from './same-origin.js';
import { hasSession, type SessionDependencies } from './session-cookie.js';
import { SESSION_PATH } from './session-routes.js';

export type CallerDependencies = SessionDependencies & {
  /** Without it everybody whom `localOnly` lets through, and who shows no key that Parley made, is the admin. */
  readonly apiKey?: string;
  /** Without it there are no keys but `apiKey`. */
  readonly apiKeys?: ApiKeyLookup;
  readonly guesses: KeyGuesses;
};

/** Finds out who calls, for `principalOf`; a request that shows nobody goes no further. Signing in needs nothing. */
export function identifyCaller(dependencies: CallerDependencies): MiddlewareHandler {
  const { apiKey, apiKeys, guesses } = dependencies;

  async function holderOf(token: string): Promise<Principal | null> {
    if (apiKey !== undefined && sameKey(token, apiKey)) return { type: 'admin' };
    if (apiKeys !== undefined && isApiKey(token)) {
      const known = await apiKeys.find(token);
      return known && { type: 'key', id: known.id };
    }
    return apiKey === undefined ? { type: 'admin' } : null;
  }

  async function callerOf(c: Context): Promise<Principal> {
    const authorization = c.req.header('authorization');
    if (authorization === undefined && hasSession(c, dependencies)) {
      requireOwnPage(c);
      return { type: 'admin' };
    }
    const token = bearerToken(authorization ?? '');
    if (token === undefined) {
      if (apiKey === undefined) return { type: 'admin' };
      throw unauthorized('bearer', false);
    }
    const holder = await guesses.judge(c, token, () => holderOf(token));
    if (holder) return holder;
    throw apiKeys !== undefined && isApiKey(token) ? unknownKey() : unauthorized('bearer', true);
  }

  return async (c, next) => {
    if (c.req.path !== SESSION_PATH) c.set('principal', await callerOf(c));
    await next();
  };
}

function unknownKey(): ProblemError {
  const { headers = {} } = unauthorized('bearer', true).problem;
  const message = 'There is no such API key, or it was revoked; ask whoever runs Parley for another.';
  return new ProblemError({ status: 401, code: 'unauthorized', message, headers });
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
