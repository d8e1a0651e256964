import { createHmac } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { SocketModeServer } from './socket-mode-server.js';
import type { Json } from './workspace.js';

export type DeliveryKind = 'events_api' | 'slash_commands' | 'interactive';

/** One thing that Slack tells the app, with every attempt at it. */
export interface Delivery {
  readonly kind: DeliveryKind;
  readonly payload: Json;
  /** An HTTP status, `acknowledged`, or why there was none. */
  readonly attempts: (number | string)[];
  /** What the app answered with; empty where it only acknowledged. */
  answer: Json;
  state: 'waiting' | 'delivered' | 'given-up';
}

export interface EventDeliveryOptions {
  readonly socket: SocketModeServer;
  readonly signingSecret: string;
  /** Where events go over HTTP; null while they go over the socket. */
  readonly url: () => string | null;
  /** Waits before the second, third and fourth attempt, in ms. Slack's own: 0, 60,000 and 300,000. */
  readonly retryDelaysMs: readonly number[];
  readonly httpTimeoutMs: number;
  readonly onChange: () => void;
}

/** Delivers to the app over HTTP or the socket, signs, and tries again as Slack does. */
export class EventDelivery {
  readonly deliveries: Delivery[] = [];
  readonly #options: EventDeliveryOptions;
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: EventDeliveryOptions) {
    this.#options = options;
    // Each event that waits for its next attempt listens.
    setMaxListeners(0, this.#stopped.signal);
  }

  deliver(kind: DeliveryKind, payload: Json): Delivery {
    const delivery: Delivery = { kind, payload, attempts: [], answer: {}, state: 'waiting' };
    this.deliveries.push(delivery);
    const running = this.#run(delivery).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return delivery;
  }

  /** Resolves once nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  async #run(delivery: Delivery): Promise<void> {
    // Only events are tried again: a person who typed a command sees that it failed.
    const delays = delivery.kind === 'events_api' ? this.#options.retryDelaysMs : [];
    let reason = '';
    for (let attempt = 0; attempt <= delays.length; attempt++) {
      if (attempt > 0 && !(await this.#wait(delays[attempt - 1] ?? 0))) break;
      const url = this.#options.url();
      const result =
        url === null
          ? await this.#overSocket(delivery, attempt, reason)
          : await this.#overHttp(url, delivery, attempt, reason);
      delivery.attempts.push(result.outcome);
      if (result.delivered) delivery.state = 'delivered';
      this.#options.onChange();
      if (result.delivered) return;
      reason = result.reason;
      if (this.#stopped.signal.aborted) break;
    }
    delivery.state = 'given-up';
    this.#options.onChange();
  }

  async #overSocket(delivery: Delivery, attempt: number, reason: string): Promise<AttemptResult> {
    const result = await this.#options.socket.send(delivery.kind, delivery.payload, { attempt, reason });
    if (result.type !== 'acknowledged') return { delivered: false, outcome: result.type, reason: 'timeout' };
    delivery.answer = result.payload;
    return { delivered: true, outcome: 'acknowledged', reason: '' };
  }

  async #overHttp(url: string, delivery: Delivery, attempt: number, reason: string): Promise<AttemptResult> {
    const { body, contentType } = encode(delivery);
    const headers: Record<string, string> = {
      'content-type': contentType,
      ...signatureHeaders(this.#options.signingSecret, body),
    };
    if (attempt > 0)
      Object.assign(headers, { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': reason });
    try {
      const signal = AbortSignal.any([
        this.#stopped.signal,
        AbortSignal.timeout(this.#options.httpTimeoutMs),
      ]);
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      const text = await response.text();
      delivery.answer = text.startsWith('{') ? (JSON.parse(text) as Json) : text === '' ? {} : { text };
      return { delivered: response.ok, outcome: response.status, reason: 'http_error' };
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      const why = timedOut ? 'http_timeout' : 'connection_failed';
      return { delivered: false, outcome: why, reason: why };
    }
  }

  /** False where the double stops first. */
  #wait(ms: number): Promise<boolean> {
    const { signal } = this.#stopped;
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (waited: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stopped);
        resolve(waited);
      };
      const stopped = () => done(false);
      const timer = setTimeout(() => done(true), ms);
      signal.addEventListener('abort', stopped);
    });
  }
}

interface AttemptResult {
  readonly delivered: boolean;
  readonly outcome: number | string;
  readonly reason: string;
}

function encode(delivery: Delivery): { readonly body: string; readonly contentType: string } {
  const form = 'application/x-www-form-urlencoded';
  if (delivery.kind === 'events_api') {
    return { body: JSON.stringify(delivery.payload), contentType: 'application/json' };
  }
  if (delivery.kind === 'interactive') {
    return {
      body: new URLSearchParams({ payload: JSON.stringify(delivery.payload) }).toString(),
      contentType: form,
    };
  }
  const fields = Object.entries(delivery.payload).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return { body: new URLSearchParams(fields).toString(), contentType: form };
}

/** The headers with which Slack proves that it sent `body`. */
export function signatureHeaders(
  secret: string,
  body: string,
  timestamp = Math.floor(Date.now() / 1000),
): { readonly 'x-slack-request-timestamp': string; readonly 'x-slack-signature': string } {
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${digest}` };
}
