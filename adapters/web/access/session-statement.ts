import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { DAY_MS } from '../../../src/domain/time/duration.js';

/** How long a browser stays signed in, in seconds: 7 days. */
export const SESSION_SECONDS = (7 * DAY_MS) / 1_000;

/** Makes and checks what a signed-in browser shows: the time at which it ends, and a proof that Parley said so. */
export interface SessionStatements {
  /** @param nowMs - milliseconds since 1970 */
  make(nowMs: number): string;
  holds(statement: string, nowMs: number): boolean;
}

/**
 * Every process that has the API key takes what another one made, and with another key none of them do: nothing is
 * stored.
 */
export function sessionStatements(apiKey: string): SessionStatements {
  const key = Buffer.from(hkdfSync('sha256', apiKey, '', 'parley web session', 32));
  const proof = (ends: string) => createHmac('sha256', key).update(`v1.${ends}`).digest('base64url');
  return {
    make(nowMs) {
      const ends = String(Math.floor(nowMs / 1000) + SESSION_SECONDS);
      return `v1.${ends}.${proof(ends)}`;
    },
    holds(statement, nowMs) {
      const [, ends = '', shown = ''] = /^v1\.(\d{1,12})\.([\w-]{43})$/.exec(statement) ?? [];
      if (shown === '') return false;
      const genuine = timingSafeEqual(Buffer.from(shown), Buffer.from(proof(ends)));
      return genuine && Number(ends) * 1000 > nowMs;
    },
  };
}
