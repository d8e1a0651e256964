import type { Client } from 'discord.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Log } from '../../src/ports/log.js';
import { type GatewayListener, GatewaySession, type SessionEnd } from './gateway-session.js';

export interface DiscordStatus {
  readonly state: 'stopped' | 'connecting' | 'ready' | 'failed';
  /** `failed`: one sentence on what to do. */
  readonly problem?: string;
  /** False: without the message-content intent, replies without a ping and thread follow-ups arrive empty. */
  readonly readsMessages: boolean;
}

export interface GatewayOptions {
  readonly token: string;
  readonly apiUrl?: string;
  readonly listener: GatewayListener;
  readonly clock: Clock;
  readonly log: Log;
}

const MISSING_INTENT =
  'Discord does not grant this bot the Message Content intent: it answers mentions, direct messages and commands, ' +
  'but replies without a ping and follow-ups in threads arrive empty. Switch the intent on under Bot in the ' +
  'Discord developer portal and start again';

type Next =
  | { readonly type: 'again' }
  | { readonly type: 'without-content' }
  | { readonly type: 'failed'; readonly problem: string };

/** What to do after a session ended. */
export function afterSession(end: SessionEnd, messageContent: boolean): Next {
  if (end.type === 'broken') return { type: 'again' };
  if (end.type === 'login-refused' || end.code === 4004) {
    return {
      type: 'failed',
      problem: 'Discord refuses DISCORD_TOKEN: copy a fresh token from Bot in the Discord developer portal',
    };
  }
  if (end.code === 4014 && messageContent) return { type: 'without-content' };
  if (end.code === 4013 || end.code === 4014) {
    return { type: 'failed', problem: `Discord refuses the intents this bot needs (close code ${end.code})` };
  }
  return { type: 'again' };
}

const LONGEST_WAIT_MS = 60_000;

/** Keeps one connection to Discord's gateway, whatever happens to it. */
export class DiscordGateway {
  readonly #options: GatewayOptions;
  readonly #ending = new AbortController();
  #session: GatewaySession | null = null;
  #running: Promise<void> | null = null;
  #status: DiscordStatus = { state: 'stopped', readsMessages: true };
  #settled: () => void = () => {};

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  get status(): DiscordStatus {
    return this.#status;
  }

  /** The library's client, for names it has cached; null while there is none. */
  get client(): Client | null {
    return this.#session?.client ?? null;
  }

  /** Begins to connect. Resolves once connected or refused, at the latest after `patienceMs`; never rejects. */
  async start(patienceMs: number): Promise<DiscordStatus> {
    if (this.#running !== null) return this.#status;
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.#set({ state: 'connecting' });
    this.#running = this.#run();
    await Promise.race([settled, this.#sleep(patienceMs)]);
    return this.#status;
  }

  /** Ends within about 3 s. May be called twice. */
  async stop(): Promise<void> {
    this.#set({ state: 'stopped' });
    this.#ending.abort(new Error('the Discord adapter stops'));
    this.#settled();
    await this.#session?.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    let messageContent = true;
    for (let failures = 0; !this.#ending.signal.aborted; ) {
      const session = new GatewaySession({
        ...this.#options,
        messageContent,
        onConnected: (connected) => {
          if (connected) failures = 0;
          this.#set({ state: connected ? 'ready' : 'connecting' });
          if (connected) this.#settled();
        },
      });
      this.#session = session;
      session.connect();
      const end = await Promise.race([session.ended, aborted(this.#ending.signal)]);
      await session.stop();
      if (end === null) return;
      const next = afterSession(end, messageContent);
      if (next.type === 'failed') {
        log.error({ end: end.type }, next.problem);
        this.#set({ state: 'failed', problem: next.problem });
        this.#settled();
        return;
      }
      this.#set({ state: 'connecting' });
      if (next.type === 'without-content') {
        messageContent = false;
        this.#set({ readsMessages: false });
        log.warn({}, MISSING_INTENT);
        continue;
      }
      const waitMs = Math.min(1_000 * 2 ** failures++, LONGEST_WAIT_MS);
      log.warn({ waitMs, kind: nameOf(end) }, 'Discord cannot be reached; trying again');
      await this.#sleep(waitMs);
    }
  }

  #set(change: Partial<DiscordStatus>): void {
    if (this.#ending.signal.aborted) return;
    const { readsMessages } = this.#status;
    this.#status = { state: this.#status.state, readsMessages, ...change };
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#ending.signal).catch(() => {});
  }
}

function nameOf(end: SessionEnd): string {
  if (end.type === 'closed') return `close code ${end.code}`;
  return end.type === 'broken' && end.error instanceof Error ? end.error.name : end.type;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
