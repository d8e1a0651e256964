import { signal } from '@preact/signals';
import { ApiError, callApi } from '../api/call-api.js';

export type SessionState = 'unknown' | 'key-needed' | 'signed-in' | 'over' | 'open';

/**
 * Whether this browser may call the API: by a session of its own, or openly, where no key is asked for. `over` is a
 * session that ended while a page was open.
 */
export const session = signal<SessionState>('unknown');

export async function readSession(): Promise<void> {
  try {
    const { signed_in, needs_key } = await callApi('GET /api/session', {});
    session.value = !needs_key ? 'open' : signed_in ? 'signed-in' : 'key-needed';
  } catch (error) {
    const refused = error instanceof ApiError && error.status === 401;
    session.value = refused ? 'key-needed' : 'open';
  }
}

/** @throws {ApiError} with the sentence to show, where the key is wrong */
export async function signIn(key: string): Promise<void> {
  await callApi('POST /api/session', { body: { key } });
  session.value = 'signed-in';
}

/** For an answer that says that nobody is signed in here. */
export function loseSession(): void {
  if (session.peek() === 'signed-in') session.value = 'over';
}

export async function signOut(): Promise<void> {
  await callApi('DELETE /api/session', {});
  session.value = 'key-needed';
}
