import type { Context } from 'hono';

/** Of the connection: what a header says of it anybody can write. Behind a proxy, the proxy's. */
export function callerAddress(c: Context): string {
  const { incoming }: { incoming?: { socket?: { remoteAddress?: string } } } = c.env ?? {};
  return incoming?.socket?.remoteAddress ?? '';
}
