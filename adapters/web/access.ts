import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ProblemError } from './problem.js';

/** Lets only requests with the right bearer token through, compared in constant time. */
export function requireKey(apiKey: string): MiddlewareHandler {
  const expected = digest(apiKey);
  return async (c, next) => {
    const given = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    // Digests have one length, so that a key's length does not show either.
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw new ProblemError({
        status: 401,
        code: 'unauthorized',
        message: 'Send the API key as "Authorization: Bearer <key>".',
        headers: {
          'www-authenticate':
            given === undefined ? 'Bearer realm="parley"' : 'Bearer realm="parley", error="invalid_token"',
        },
      });
    }
    await next();
  };
}

/**
 * Stands in for a key where there is none: the server is bound to loopback, and a web page that a person opens must
 * not reach it either, by a name that resolves to loopback (Host) or across sites (Origin).
 */
export function localOnly(): MiddlewareHandler {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const hosts = [url.host, c.req.header('host') ?? url.host];
    if (!hosts.every((host) => isLoopback(hostname(host)))) {
      throw forbidden(
        'Without an API key Parley answers only to localhost and loopback addresses; set PARLEY_API_KEY.',
      );
    }
    const origin = c.req.header('origin');
    const safe = c.req.method === 'GET' || c.req.method === 'HEAD';
    const crossSite = origin !== undefined && !sameHost(origin, url.host);
    if (!safe && (crossSite || c.req.header('sec-fetch-site') === 'cross-site')) {
      throw forbidden('Without an API key Parley takes no requests from pages of other sites.');
    }
    await next();
  };
}

/** `localhost` and its subdomains, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return (
    name === '::1' || name === 'localhost' || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name)
  );
}

function hostname(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function forbidden(message: string): ProblemError {
  return new ProblemError({ status: 403, code: 'forbidden', message });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
