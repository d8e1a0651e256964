import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { attemptCall } from '../client/attempt-call.js';
import { deliveryFailure, isDeadToken } from '../client/slack-failure.js';
import type { SlackTarget } from '../client/slack-ids.js';
import { Capability } from './capability.js';
import { sentencesIn } from './sentences.js';

/** Slack drops a status after 2 minutes: set it again well before. */
const REFRESH_MS = 60_000;
/** Codes after which asking again soon is pointless: the method, the scope or the agent is missing. */
const ABSENT: ReadonlySet<string> = new Set([
  'unknown_method',
  'missing_scope',
  'not_allowed_token_type',
  'not_an_agent',
  'feature_not_enabled',
]);

interface Shown {
  at: number;
  /** The words beside the bot's name are there. */
  status: boolean;
  /** The session says `processing`, with Slack's own stop button. */
  session: boolean;
}

/** The status "thinking" in a thread, and Slack's session status with its stop button, where the workspace has them. */
export class WorkingStatus {
  readonly #client: WebClient;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #status: Capability;
  readonly #sessions: Capability;
  readonly #shown = new LRUCache<string, Shown>({ max: 1_000 });

  constructor(client: WebClient, clock: Clock, log: Log) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#status = new Capability('assistant.threads.setStatus', clock, log);
    this.#sessions = new Capability('agents.sessions.setStatus', clock, log);
  }

  /**
   * Shows that a reply is coming. Does nothing where it was shown a moment ago.
   *
   * @throws {ExpectedFailure} `delivery-failed`: `unauthorized` where the token is dead, `rejected` outside a thread
   * and where the workspace has no status at all. Other faults are not worth one.
   */
  async show(target: SlackTarget, signal: AbortSignal): Promise<void> {
    if (target.thread === undefined || !(this.#status.present || this.#sessions.present))
      throw nothingToShow();
    const known = this.#shown.get(keyOf(target));
    if (known && this.#clock.now() - known.at < REFRESH_MS) return;
    const shown: Shown = { at: this.#clock.now(), status: false, session: false };
    this.#shown.set(keyOf(target), shown);
    shown.session = await this.#setSession(target, 'processing', signal);
    shown.status = await this.#setStatus(target, sentencesIn(target.language).thinking, signal);
    if (!(this.#status.present || this.#sessions.present)) throw nothingToShow();
  }

  /** A message was posted in the thread: Slack took the words away by itself. */
  posted(target: SlackTarget): void {
    const shown = this.#shown.get(keyOf(target));
    if (shown) shown.status = false;
  }

  /** The reply has ended: takes away what is still shown. Nothing fails but a dead token. */
  async clear(target: SlackTarget, signal: AbortSignal): Promise<void> {
    const shown = this.#shown.get(keyOf(target));
    if (!shown) return;
    this.#shown.delete(keyOf(target));
    if (shown.status) await this.#setStatus(target, '', signal);
    if (shown.session) await this.#setSession(target, 'active', signal);
  }

  #setStatus(target: SlackTarget, status: string, signal: AbortSignal): Promise<boolean> {
    const thread = { channel_id: target.channel, thread_ts: target.thread ?? '' };
    const call = () => this.#client.assistant.threads.setStatus({ ...thread, status });
    return this.#try(this.#status, 'assistant.threads.setStatus', call, signal);
  }

  #setSession(target: SlackTarget, status: string, signal: AbortSignal): Promise<boolean> {
    const thread = { channel_id: target.channel, thread_ts: target.thread ?? '' };
    const call = () =>
      this.#client.agents.sessions.setStatus({ ...thread, status, initiator_user_id: target.user });
    return this.#try(this.#sessions, 'agents.sessions.setStatus', call, signal);
  }

  async #try(
    capability: Capability,
    method: string,
    call: () => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!capability.present) return false;
    const result = await attemptCall(call, signal);
    if (result.ok) return true;
    const { failure } = result;
    if (failure.type === 'refused' && isDeadToken(failure.code)) throw deliveryFailure(method, failure);
    if (failure.type === 'refused' && ABSENT.has(failure.code)) capability.markAbsent(failure.code);
    else this.#log.debug({ method, failure: failure.type }, 'a status on Slack was not set');
    return false;
  }
}

function nothingToShow(): ExpectedFailure {
  return new ExpectedFailure('delivery-failed', 'Slack shows no status here', { reason: 'rejected' });
}

function keyOf(target: SlackTarget): string {
  return `${target.team}/${target.channel}/${target.thread ?? ''}`;
}
