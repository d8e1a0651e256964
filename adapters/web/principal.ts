import type { Context } from 'hono';

/** Who calls: decided by the access middleware before any route runs. */
export type Principal =
  /** The operator: PARLEY_API_KEY itself, a session made with it, or this machine where there is no such key. */
  { readonly type: 'admin' };

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
