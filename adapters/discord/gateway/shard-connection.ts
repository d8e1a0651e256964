import { type BackOff, backOff } from '../../../src/domain/time/back-off.js';
import { GatewaySession, type GatewaySessionOptions, type SessionEnd } from './gateway-session.js';

type Next =
  | { readonly type: 'again' }
  | { readonly type: 'without-content' }
  | { readonly type: 'failed'; readonly problem: string };

/** What to do after a session ended. */
export function afterSession(end: SessionEnd, messageContent: boolean): Next {
  if (end.type === 'broken') return { type: 'again' };
  if (end.type === 'login-refused' || end.code === 4004) return { type: 'failed', problem: TOKEN_REFUSED };
  if (end.code === 4014 && messageContent) return { type: 'without-content' };
  if (end.code === 4013 || end.code === 4014) {
    return { type: 'failed', problem: `Discord refuses the intents this bot needs (close code ${end.code})` };
  }
  return { type: 'again' };
}

export const TOKEN_REFUSED =
  'Discord refuses DISCORD_TOKEN: copy a fresh token from Bot in the Discord developer portal';

const MISSING_INTENT =
  'Discord does not grant this bot the Message Content intent: it answers mentions, direct messages and commands, ' +
  'but replies without a ping and follow-ups in threads arrive empty. Switch the intent on under Bot in the ' +
  'Discord developer portal and start again';

const PACE: BackOff = { firstMs: 1_000, lastMs: 60_000 };

/** Milliseconds before the next try after so many failures in a row, counted from 0. */
export function retryWait(failures: number): number {
  return backOff(PACE, failures + 1);
}

export interface ShardConnectionOptions extends Omit<GatewaySessionOptions, 'messageContent' | 'holding'> {
  readonly onWithoutContent: () => void;
}

/**
 * Keeps one shard connected, whatever happens to the connection, until `signal` aborts.
 *
 * @returns one sentence on what to do where Discord will not have it; null once `signal` has aborted
 */
export async function keepConnected(
  options: ShardConnectionOptions,
  signal: AbortSignal,
): Promise<string | null> {
  const { clock, log, onConnected } = options;
  let messageContent = true;
  for (let failures = 0; !signal.aborted; ) {
    const session = new GatewaySession({
      ...options,
      messageContent,
      holding: signal,
      onConnected: (connected) => {
        if (connected) failures = 0;
        onConnected(connected);
      },
    });
    session.connect();
    const waited = new AbortController();
    const end = await Promise.race([session.ended, aborted(signal, waited.signal)]);
    waited.abort();
    await session.stop();
    if (end === null) break;
    const next = afterSession(end, messageContent);
    if (next.type === 'failed') {
      log.error({ end: end.type }, next.problem);
      return next.problem;
    }
    onConnected(false);
    if (next.type === 'without-content') {
      messageContent = false;
      options.onWithoutContent();
      log.warn({}, MISSING_INTENT);
      continue;
    }
    const waitMs = retryWait(failures++);
    log.warn({ waitMs, kind: nameOf(end) }, 'Discord cannot be reached; trying again');
    await clock.sleep(waitMs, signal).catch(() => {});
  }
  return null;
}

function nameOf(end: SessionEnd): string {
  if (end.type === 'closed') return `close code ${end.code}`;
  return end.type === 'broken' && end.error instanceof Error ? end.error.name : end.type;
}

/** @param until - when it aborts, nothing listens any more */
function aborted(signal: AbortSignal, until: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true, signal: until });
  });
}
