import type { REST, RequestData, RequestMethod, RouteLike } from '@discordjs/rest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { type BackOff, backOff, UPPER_HALF } from '../../../src/domain/time/back-off.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import { type DiscordFailure, readFailure } from './read-failure.js';

export interface DiscordRequest {
  readonly method: `${RequestMethod}`;
  readonly route: RouteLike;
  readonly body?: object;
  readonly query?: Readonly<Record<string, string>>;
  /** False for webhook and callback routes, whose address is the credential. */
  readonly auth?: boolean;
  /** False where doing it twice would show: an answer that was lost is then reported, not repeated. */
  readonly repeatable?: boolean;
  /** Milliseconds of waiting, over all repetitions, before it fails as unavailable. 10,000 where left out. */
  readonly patienceMs?: number;
}

export interface SenderOptions {
  readonly rest: REST;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Pick<Metrics, 'undecidedSend'>;
  /** In [0, 1): spreads repetitions out. */
  readonly random?: () => number;
}

/** A request that Discord would not take, with Discord's own code. */
export class DiscordRefusal extends Error {
  readonly failure: DiscordFailure;

  constructor(failure: DiscordFailure, cause: unknown) {
    super(`Discord request failed: ${failure.reason} (${failure.code})`, { cause });
    this.failure = failure;
  }
}

const DEFAULT_PATIENCE_MS = 10_000;
const PACE: BackOff = { firstMs: 250, lastMs: 5_000, spread: UPPER_HALF };
/** Added to what Discord says, so that its clock has surely passed the moment. */
const MARGIN_MS = 50;

/**
 * Sends requests with patience: waits for buckets, repeats after 5xx and lost connections with growing pauses,
 * and stops for good once the token is dead.
 */
export class DiscordSender {
  readonly #rest: REST;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Pick<Metrics, 'undecidedSend'>;
  readonly #random: () => number;
  #unauthorized = false;

  constructor(options: SenderOptions) {
    this.#rest = options.rest;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#metrics = options.metrics ?? NO_METRICS;
    this.#random = options.random ?? Math.random;
  }

  /**
   * @returns the answer's JSON
   * @throws {DiscordRefusal} where Discord would not, or not in time
   * @throws `signal.reason` on abort
   */
  async send(request: DiscordRequest, signal: AbortSignal): Promise<unknown> {
    const deadline = this.#clock.now() + (request.patienceMs ?? DEFAULT_PATIENCE_MS);
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      if (this.#unauthorized && request.auth !== false) {
        throw new DiscordRefusal({ reason: 'unauthorized', code: 0, ambiguous: false }, undefined);
      }
      try {
        return await untilAborted(signal, (own) => this.#rest.request(requestData(request, own)));
      } catch (error) {
        signal.throwIfAborted();
        const failure = readFailure(error);
        if (!failure) throw error;
        if (failure.reason === 'unauthorized') this.#die();
        const pause =
          failure.retryAfterMs === undefined
            ? backOff(PACE, failures, this.#random())
            : failure.retryAfterMs + MARGIN_MS;
        const worthIt = failure.reason === 'unavailable' && this.#clock.now() + pause <= deadline;
        if (!worthIt || (failure.ambiguous && request.repeatable === false)) {
          throw new DiscordRefusal(failure, error);
        }
        await this.#clock.sleep(pause, signal);
      }
    }
  }

  /** Something may stand twice, and nothing on Discord tells. */
  countUndecided(): void {
    this.#metrics.undecidedSend('discord');
  }

  /** To be called where an answer was lost and nothing on Discord tells whether the request was applied. */
  sayUndecided(): void {
    this.countUndecided();
    this.#log.warn(
      { platform: 'discord' },
      'sent without an answer: nobody can tell whether Discord applied it',
    );
  }

  #die(): void {
    if (!this.#unauthorized) {
      this.#log.error(
        { platform: 'discord' },
        'Discord refuses DISCORD_TOKEN: nothing is delivered any more',
      );
    }
    this.#unauthorized = true;
  }
}

/** The failure that the pipeline understands. */
export function deliveryFailure(failure: DiscordFailure, cause?: unknown): ExpectedFailure {
  const reason = failure.reason === 'token-expired' ? 'gone' : failure.reason;
  const code = failure.code === 0 ? '' : ` (${failure.code})`;
  return new ExpectedFailure('delivery-failed', `${SENTENCES[failure.reason]}${code}`, {
    reason,
    cause,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}

const SENTENCES: Readonly<Record<DiscordFailure['reason'], string>> = {
  gone: 'the message or channel on Discord was deleted',
  forbidden: 'the bot may not write in this Discord channel',
  unauthorized: 'Discord refuses DISCORD_TOKEN',
  rejected: 'Discord refuses this content',
  unavailable: 'Discord could not be reached or asked to wait',
  'token-expired': 'the Discord interaction has run out',
};

function requestData(request: DiscordRequest, signal: AbortSignal) {
  const data: RequestData = {
    auth: request.auth ?? true,
    signal,
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(request.query === undefined ? {} : { query: new URLSearchParams(request.query) }),
  };
  return { ...data, method: request.method as RequestMethod, fullRoute: request.route };
}

/**
 * The REST client notices an abort only between its steps, and never takes its listener off a signal: the one it gets
 * goes with the request.
 */
async function untilAborted<T>(signal: AbortSignal, begin: (own: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => {
      own.abort(signal.reason);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([begin(own.signal), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
