import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../../../src/domain/networks.js';
import { ProblemError } from '../http/problem.js';
import type { KeyGuesses } from './key-guesses.js';
import { sameKey } from './same-key.js';

/** How a request may show the key. A browser can send no bearer token by itself, but asks its person for a password. */
type Means = 'bearer' | 'bearer or password';

const CHALLENGES: Readonly<Record<Means, string>> = {
  bearer: 'Bearer realm="parley"',
  'bearer or password': 'Basic realm="parley", charset="UTF-8"',
};

/** Lets only requests with the right key through, compared in constant time. */
export function requireKey(apiKey: string, guesses: KeyGuesses, means: Means = 'bearer'): MiddlewareHandler {
  return async (c, next) => {
    const authorization = c.req.header('authorization') ?? '';
    const given = bearerToken(authorization) ?? (means === 'bearer' ? undefined : password(authorization));
    if (given === undefined) throw unauthorized(means, false);
    if (!(await guesses.judge(c, given, () => sameKey(given, apiKey) || null)))
      throw unauthorized(means, true);
    await next();
  };
}

export function unauthorized(means: Means, isWrong: boolean): ProblemError {
  const challenge = CHALLENGES[means];
  return new ProblemError({
    status: 401,
    code: 'unauthorized',
    message:
      means === 'bearer'
        ? 'Send the API key as "Authorization: Bearer <key>".'
        : 'Give the API key as the password, with any name.',
    headers: {
      'www-authenticate': means === 'bearer' && isWrong ? `${challenge}, error="invalid_token"` : challenge,
    },
  });
}

export function bearerToken(authorization: string): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}

/** Of HTTP Basic: what stands after the first colon, whatever the name before it. */
function password(authorization: string): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization)?.[1];
  return encoded && /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
}

/**
 * Stands in for a key where there is none: the server is bound to loopback, and a web page that a person opens must
 * not reach it either, by a name that resolves to loopback (Host) or across sites (Origin).
 */
export function localOnly(): MiddlewareHandler {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const hosts = [url.host, c.req.header('host') ?? url.host];
    if (!hosts.every((host) => isLocalName(hostname(host)))) {
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

/** Browsers keep the names under `localhost` on this machine, so no page of another site comes by one. */
function isLocalName(host: string): boolean {
  return isLoopback(host) || host.endsWith('.localhost');
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
