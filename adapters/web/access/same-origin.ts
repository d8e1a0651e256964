import type { Context } from 'hono';
import { ProblemError } from '../http/problem.js';

/**
 * Lets a request that a browser signs by itself, with its cookie, change something only where a page of Parley's own
 * sent it, as JSON: no form and no page of another site can.
 *
 * A browser says where a request comes from in Sec-Fetch-Site, which no page can set, or over plain HTTP in Origin.
 *
 * @throws {ProblemError} 403
 */
export function requireOwnPage(c: Context): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const type = c.req.header('content-type');
  if (fromOwnPage(c) && (type === undefined || /^application\/json *(;|$)/i.test(type))) return;
  throw new ProblemError({
    status: 403,
    code: 'forbidden',
    message: 'A signed-in browser may change something only from the pages of Parley itself, with JSON.',
  });
}

function fromOwnPage(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = c.req.header('origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host;
}
