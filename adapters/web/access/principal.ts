import type { Context } from 'hono';
import type { ApiKeyId } from '../../../src/domain/api-key.js';

/** Who calls: decided by the access middleware before any route runs. */
export type Principal =
  /** The operator: PARLEY_API_KEY itself, a session made with it, or this machine where there is no such key. */
  | { readonly type: 'admin' }
  /** A program with an API key that the operator made. What is said under one key, no other key reaches. */
  | { readonly type: 'key'; readonly id: ApiKeyId };

declare module 'hono' {
  interface ContextVariableMap {
    principal: Principal;
  }
}

/**
 * Who made this request, on paths under `/api/` and `/v1/`.
 *
 * @throws {Error} on a path that no middleware guards: a bug, told before it lets anybody in
 */
export function principalOf(c: Context): Principal {
  const principal: Principal | undefined = c.get('principal');
  if (!principal) throw new Error('nobody asked who calls here');
  return principal;
}
