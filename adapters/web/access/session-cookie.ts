import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Clock } from '../../../src/ports/process/clock.js';
import { SESSION_SECONDS, type SessionStatements } from './session-statement.js';

const NAME = 'parley_session';
/** No script reads it, and no other site's page sends it. */
const ATTRIBUTES = { path: '/', httpOnly: true, sameSite: 'Strict' } as const;

export interface SessionDependencies {
  readonly clock: Clock;
  /** null where no API key is set: nobody needs to sign in. */
  readonly sessions: SessionStatements | null;
}

/** Whether the request shows a session that still runs. */
export function hasSession(c: Context, { sessions, clock }: SessionDependencies): boolean {
  const shown = getCookie(c, NAME);
  if (shown === undefined || sessions === null) return false;
  return sessions.holds(shown, clock.now());
}

export function beginSession(c: Context, sessions: SessionStatements, clock: Clock): void {
  const statement = sessions.make(clock.now());
  setCookie(c, NAME, statement, { ...ATTRIBUTES, secure: isHttps(c), maxAge: SESSION_SECONDS });
}

export function endSession(c: Context): void {
  deleteCookie(c, NAME, { ...ATTRIBUTES, secure: isHttps(c) });
}

/** On the browser's side: a proxy before Parley may speak plain HTTP to it. */
function isHttps(c: Context): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim();
  const origin = c.req.header('origin') ?? '';
  return new URL(c.req.url).protocol === 'https:' || forwarded === 'https' || origin.startsWith('https:');
}
