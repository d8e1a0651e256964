import type { Charge, EditBudget, Rate } from '../../../src/ports/delivery/edit-budget.js';
import { attemptCall, type CallResult } from '../client/attempt-call.js';
import { DEFAULT_WAIT_MS } from '../client/slack-failure.js';
import type { SlackPlace } from '../client/slack-ids.js';

export type LimitedMethod =
  | 'chat.appendStream'
  | 'chat.delete'
  | 'chat.postMessage'
  | 'chat.startStream'
  | 'chat.stopStream'
  | 'chat.update'
  | 'conversations.history'
  | 'conversations.replies';

/** How often each method is called. */
export interface SlackRates {
  /** In one workspace; chat.postMessage in one channel. */
  readonly method: Readonly<Record<LimitedMethod, Rate>>;
  /** Of chat.update, while text still comes: evenly, and with some left for last edits. */
  readonly growing: { readonly even: Rate; readonly within: Rate };
}

/**
 * Slack allows one app in one workspace, a minute: chat.update 50, startStream and stopStream 20, appendStream 100,
 * conversations.* 50; and chat.postMessage about once a second in a channel. A tenth is left unused, since Slack counts
 * when a call arrives and we when it leaves.
 */
export const SLACK_RATES: SlackRates = {
  method: {
    // In 10 s rather than a minute: what streams is to grow evenly.
    'chat.appendStream': { edits: 15, perMs: 10_000 },
    'chat.delete': { edits: 45, perMs: 60_000 },
    'chat.postMessage': { edits: 3, perMs: 3_300 },
    'chat.startStream': { edits: 18, perMs: 60_000 },
    'chat.stopStream': { edits: 18, perMs: 60_000 },
    'chat.update': { edits: 45, perMs: 60_000 },
    'conversations.history': { edits: 45, perMs: 60_000 },
    'conversations.replies': { edits: 45, perMs: 60_000 },
  },
  growing: { even: { edits: 6, perMs: 10_000 }, within: { edits: 36, perMs: 60_000 } },
};

/** A call that has another way around is not waited for longer. */
const BRIEFLY_MS = 250;

/** Keeps all who share `budget` within Slack's limits, counted per workspace and method. */
export class MethodLimits {
  readonly #budget: EditBudget;
  readonly #rates: SlackRates;

  /** @param rates - default: Slack's own, less a tenth */
  constructor(budget: EditBudget, rates = SLACK_RATES) {
    this.#budget = budget;
    this.#rates = rates;
  }

  charge(method: LimitedMethod, place: SlackPlace): Charge {
    return { key: keyOf(method, place), rate: this.#rates.method[method] };
  }

  /** Of a chat.update that more will follow. */
  growingCharge(place: SlackPlace): Charge {
    const { even, within } = this.#rates.growing;
    const key = keyOf('chat.update', place);
    return { key: `${key}/growing`, rate: even, within: { key, rate: within } };
  }

  /** Resolves when a call may be made; it is counted then. */
  take(method: LimitedMethod, place: SlackPlace, urgent: boolean, signal: AbortSignal): Promise<void> {
    return this.pay(this.charge(method, place), urgent, signal);
  }

  async pay({ key, rate, within }: Charge, urgent: boolean, signal: AbortSignal): Promise<void> {
    await this.#budget.take(key, rate, urgent, signal);
    if (within) await this.pay(within, urgent, signal);
  }

  /** True where a call may be made almost at once, which is then counted. */
  async takeBriefly(method: LimitedMethod, place: SlackPlace, signal: AbortSignal): Promise<boolean> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(BRIEFLY_MS)]);
    try {
      await this.take(method, place, false, patience);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (patience.aborted) return false;
      throw error;
    }
  }

  /**
   * Makes a call that was counted. Where Slack asks to wait all the same, nobody calls the method before.
   *
   * @throws what `attemptCall` throws
   */
  async attempt<T>(
    method: LimitedMethod,
    place: SlackPlace,
    call: () => Promise<T>,
    signal: AbortSignal,
  ): Promise<CallResult<T>> {
    const result = await attemptCall(call, signal);
    if (!result.ok && result.failure.type === 'rate-limited')
      this.#budget.pause(keyOf(method, place), result.failure.retryAfterMs ?? DEFAULT_WAIT_MS);
    return result;
  }
}

function keyOf(method: LimitedMethod, { app, team, channel }: SlackPlace): string {
  const key = `slack/${app}/${team}/${method}`;
  return method === 'chat.postMessage' ? `${key}/${channel}` : key;
}
