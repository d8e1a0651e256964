import type { KnownBlock, WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Log } from '../../../src/ports/process/log.js';
import type { Metrics } from '../../../src/ports/telemetry/metrics.js';
import { type CallFailure, deliveryFailure } from '../client/slack-failure.js';
import type { SlackTarget } from '../client/slack-ids.js';
import {
  type FoundMessage,
  findPosted,
  identityMetadata,
  type MessageIdentity,
  readingMethod,
} from './find-posted.js';
import type { MethodLimits } from './method-limits.js';
import { sentencesIn } from './sentences.js';

/** Codes that say the bot is not in the channel. */
const OUTSIDE: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found']);
const RESPONSE_TIMEOUT_MS = 5_000;

/**
 * Posts each message once. A post whose answer is lost may be there all the same: from then on its identity is in
 * doubt, and is looked for before anything is posted again.
 */
export class Poster {
  readonly #client: WebClient;
  readonly #limits: MethodLimits;
  readonly #log: Log;
  readonly #metrics: Pick<Metrics, 'undecidedSend'>;
  readonly #doubtful = new LRUCache<string, true>({ max: 1_000 });

  constructor(client: WebClient, limits: MethodLimits, log: Log, metrics: Pick<Metrics, 'undecidedSend'>) {
    this.#client = client;
    this.#limits = limits;
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Something is about to be posted: an abort would leave nobody to hear the answer. */
  doubt(place: SlackTarget, identity: MessageIdentity): void {
    this.#doubtful.set(keyOf(place, identity), true);
  }

  /** Slack has said what became of it. */
  trust(place: SlackTarget, identity: MessageIdentity): void {
    this.#doubtful.delete(keyOf(place, identity));
  }

  /**
   * A message that is there already, or null.
   *
   * @param certainlyNew - nobody can have posted it but this object
   * @throws {ExpectedFailure} `delivery-failed`, where it is in doubt and Slack does not tell
   */
  async find(
    place: SlackTarget,
    identity: MessageIdentity,
    certainlyNew: boolean,
    signal: AbortSignal,
  ): Promise<FoundMessage | null> {
    signal.throwIfAborted();
    const doubtful = this.#doubtful.has(keyOf(place, identity));
    if (certainlyNew && !doubtful) return null;
    // Not paused by a 429: some apps may read once a minute, and most posts need no reading at all.
    await this.#limits.take(readingMethod(place), place, false, signal);
    const result = await findPosted(this.#client, place, identity, signal);
    if (result.ok) {
      if (result.value) this.trust(place, identity);
      return result.value;
    }
    this.#metrics.undecidedSend('slack');
    this.#log.warn(
      { platform: 'slack', turnId: identity.turnId, part: identity.part },
      'perhaps sent before: nobody can tell yet whether Slack applied it',
    );
    throw deliveryFailure(readingMethod(place), result.failure);
  }

  /**
   * Posts a message and resolves with its timestamp.
   *
   * @throws {ExpectedFailure} `delivery-failed`
   */
  async post(
    place: SlackTarget,
    identity: MessageIdentity,
    content: { readonly text: string; readonly blocks?: KnownBlock[] },
    revision: number,
    signal: AbortSignal,
  ): Promise<string> {
    const message = {
      channel: place.channel,
      ...(place.thread === undefined ? {} : { thread_ts: place.thread }),
      ...content,
      metadata: identityMetadata(identity, revision),
      unfurl_links: false,
      unfurl_media: false,
    };
    await this.#limits.take('chat.postMessage', place, false, signal);
    this.doubt(place, identity);
    const call = () => this.#client.chat.postMessage(message);
    const result = await this.#limits.attempt('chat.postMessage', place, call, signal);
    const ts = result.ok ? result.value.ts : undefined;
    if (ts === undefined) {
      const failure = result.ok ? ({ type: 'unknown', cause: 'no ts' } as const) : result.failure;
      return this.afterFailure(place, identity, failure, 'chat.postMessage', signal);
    }
    this.trust(place, identity);
    return ts;
  }

  /**
   * Looks whether a post without an answer was applied after all; resolves with its timestamp.
   *
   * @throws {ExpectedFailure} `delivery-failed`, where it was refused, or isn't there (yet)
   */
  async afterFailure(
    place: SlackTarget,
    identity: MessageIdentity,
    failure: CallFailure,
    method: string,
    signal: AbortSignal,
  ): Promise<string> {
    if (failure.type !== 'unknown') {
      this.trust(place, identity);
      if (failure.type === 'refused' && OUTSIDE.has(failure.code)) await this.#sayThatWeAreOutside(place);
      throw deliveryFailure(method, failure);
    }
    const found = await this.find(place, identity, false, signal);
    if (found === null) throw deliveryFailure(method, failure);
    return found.ts;
  }

  /** A command also works where the bot is not a member, and its answer would then be lost without a word. */
  async #sayThatWeAreOutside(place: SlackTarget): Promise<void> {
    if (!place.credential) return;
    const text = sentencesIn(place.language).outside;
    const body = JSON.stringify({ response_type: 'ephemeral', text });
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
    await fetch(place.credential.responseUrl, { method: 'POST', headers, body, signal }).catch(
      (error: unknown) => {
        this.#log.warn({ error }, 'an answer did not reach a person on Slack');
      },
    );
  }
}

function keyOf(place: SlackTarget, identity: MessageIdentity): string {
  return `${place.channel}/${identity.turnId}/${identity.part}`;
}
