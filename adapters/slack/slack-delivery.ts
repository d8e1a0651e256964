import type { WebClient } from '@slack/web-api';
import type { DeliveryTarget, PostedPart, TurnId } from '../../src/domain/turn.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Delivery, PartDraft } from '../../src/ports/delivery.js';
import type { Rate } from '../../src/ports/edit-budget.js';
import type { Log } from '../../src/ports/log.js';
import { attemptCall } from './attempt-call.js';
import { identityMetadata, type MessageIdentity } from './find-posted.js';
import { NativeStreams } from './native-streams.js';
import { PART_LIMIT, partContent } from './part-blocks.js';
import { Poster } from './poster.js';
import { type SlackApiOptions, slackClient } from './slack-client.js';
import { type CallFailure, deliveryFailure } from './slack-failure.js';
import { isDirect, partId, readPartId, readTarget, type SlackTarget } from './slack-ids.js';
import { WorkingStatus } from './working-status.js';

export interface SlackDeliveryOptions {
  /** `xoxb-…` */
  readonly botToken: string;
  /** Base of the Web API. Default: Slack's own. */
  readonly apiUrl?: string;
  /** Longest wait for one answer of Slack, in ms. Default 15,000. */
  readonly timeoutMs?: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Asks a turn to stop, because a person pressed Slack's own stop button: `Inbox.stop`. */
  readonly stopTurn: (turnId: TurnId) => Promise<unknown>;
  /** Stream by Slack's own methods where the workspace has them. Default true. */
  readonly nativeStreaming?: boolean;
  /** How the asker is told that a slow reply is ready. Default `mention`. */
  readonly attention?: 'mention' | 'message';
}

/** chat.update: 50 a minute in a workspace for one app. A tenth is kept for last edits that others hurry. */
const UPDATE_RATE: Rate = { edits: 45, perMs: 60_000 };
/** chat.appendStream: 100 a minute. */
const APPEND_RATE: Rate = { edits: 90, perMs: 60_000 };
/** chat.update refuses a message that streams; these are the codes it may do so with. */
const MAY_STREAM: ReadonlySet<string> = new Set(['streaming_state_conflict', 'cant_update_message']);

/** Puts replies on Slack by the Web API alone. */
export function createSlackDelivery(options: SlackDeliveryOptions): Delivery {
  const api: SlackApiOptions = {
    apiUrl: options.apiUrl,
    log: options.log,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  };
  return new SlackDelivery(slackClient(options.botToken, api), options);
}

class SlackDelivery implements Delivery {
  readonly partLimit = PART_LIMIT;
  readonly #client: WebClient;
  readonly #options: SlackDeliveryOptions;
  readonly #poster: Poster;
  readonly #streams: NativeStreams;
  readonly #working: WorkingStatus;
  /** The last edit of each message: the next one waits for it. */
  readonly #edits = new Map<string, Promise<unknown>>();

  constructor(client: WebClient, options: SlackDeliveryOptions) {
    this.#client = client;
    this.#options = options;
    this.#poster = new Poster(client, options.log);
    this.#streams = new NativeStreams(client, options.clock, options.log);
    this.#working = new WorkingStatus(client, options.clock, options.log);
  }

  budget(target: DeliveryTarget): { readonly key: string; readonly rate: Rate } {
    const { app, team, thread } = readTarget(target);
    const native = this.#mayStream && thread !== undefined;
    return { key: `slack/${app}/${team}`, rate: native ? APPEND_RATE : UPDATE_RATE };
  }

  async showWorking(target: DeliveryTarget, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#working.show(readTarget(target), signal);
  }

  async post(target: DeliveryTarget, part: PartDraft, signal: AbortSignal): Promise<PostedPart> {
    const place = readTarget(target);
    const identity = { turnId: part.turnId, part: part.index };
    const known = await this.#poster.find(place, identity, part.certainlyNew ?? false, signal);
    if (known !== null) {
      const posted = { index: part.index, messageId: partId(place.channel, known.ts) };
      if (known.mayStream) this.#streams.adopt(place.channel, known.ts);
      return this.edit(target, posted, part, signal);
    }
    const ts = await this.#postNew(place, identity, part, signal);
    this.#working.posted(place);
    if (part.state === 'final') await this.#ended(place, part, signal);
    return { index: part.index, messageId: partId(place.channel, ts) };
  }

  edit(
    target: DeliveryTarget,
    posted: PostedPart,
    part: PartDraft,
    signal: AbortSignal,
  ): Promise<PostedPart> {
    return this.#inOrder(posted.messageId, async () => {
      signal.throwIfAborted();
      await this.#editNow(readTarget(target), posted, part, signal);
      return { index: part.index, messageId: posted.messageId };
    });
  }

  async remove(_target: DeliveryTarget, posted: PostedPart, signal: AbortSignal): Promise<void> {
    const { channel, ts } = readPartId(posted.messageId);
    const result = await attemptCall(() => this.#client.chat.delete({ channel, ts }), signal);
    this.#streams.forget(channel, ts);
    if (result.ok || isRefusal(result.failure, 'message_not_found')) return;
    throw deliveryFailure('chat.delete', result.failure);
  }

  async callAttention(
    target: DeliveryTarget,
    turnId: TurnId,
    _last: PostedPart,
    signal: AbortSignal,
  ): Promise<void> {
    const place = readTarget(target);
    const identity: MessageIdentity = { turnId, part: 'attention' };
    if ((await this.#poster.find(place, identity, true, signal)) !== null) return;
    // A fresh message draws the eye in a direct message; elsewhere only a mention does.
    const named = (this.#options.attention ?? 'mention') === 'mention' && !isDirect(place.channel);
    const asker = named && /^[UW][A-Z0-9]+$/.test(place.user) ? `<@${place.user}> ` : '';
    const content = { text: `${asker}The answer above is ready.` };
    await this.#poster.post(place, identity, content, 0, signal);
  }

  get #mayStream(): boolean {
    return (this.#options.nativeStreaming ?? true) && this.#streams.available;
  }

  async #postNew(
    place: SlackTarget,
    identity: MessageIdentity,
    part: PartDraft,
    signal: AbortSignal,
  ): Promise<string> {
    if (part.state === 'streaming' && this.#mayStream) {
      this.#poster.doubt(place, identity);
      const start = await this.#streams.start(place, part, signal);
      if (start.type === 'failed') {
        const { failure } = start;
        const ts = await this.#poster.afterFailure(place, identity, failure, 'chat.startStream', signal);
        this.#streams.adopt(place.channel, ts);
        return ts;
      }
      this.#poster.trust(place, identity);
      if (start.type === 'started') return start.ts;
    }
    return this.#poster.post(place, identity, partContent(part), part.revision, signal);
  }

  async #editNow(
    place: SlackTarget,
    posted: PostedPart,
    part: PartDraft,
    signal: AbortSignal,
  ): Promise<void> {
    const { channel, ts } = readPartId(posted.messageId);
    if (this.#streams.has(channel, ts)) {
      if (part.state === 'streaming') {
        const result = await this.#streams.append(channel, ts, part, signal);
        if (result === 'stopped-by-user') await this.#stopTurn(part.turnId);
        if (result !== 'cannot') return;
      }
      await this.#streams.close(channel, ts, part, signal);
    }
    await this.#update(channel, ts, part, signal);
    if (part.state === 'final') await this.#ended(place, part, signal);
  }

  /** The stop button also reaches the app as an event: a failure here is no reason to fail the delivery. */
  async #stopTurn(turnId: TurnId): Promise<void> {
    try {
      await this.#options.stopTurn(turnId);
    } catch (error) {
      this.#options.log.warn({ turnId, error }, 'a turn stopped on Slack could not be stopped');
    }
  }

  async #update(channel: string, ts: string, part: PartDraft, signal: AbortSignal): Promise<void> {
    const metadata = identityMetadata({ turnId: part.turnId, part: part.index }, part.revision);
    const update = () =>
      attemptCall(() => this.#client.chat.update({ channel, ts, ...partContent(part), metadata }), signal);
    let result = await update();
    if (!result.ok && result.failure.type === 'refused' && MAY_STREAM.has(result.failure.code)) {
      // A worker that died may have left the stream open.
      const stopped = await this.#streams.stop(channel, ts, '', signal);
      if (stopped === null) result = await update();
    }
    if (!result.ok) throw deliveryFailure('chat.update', result.failure);
  }

  /** Nothing more is coming after the last part: it carries the buttons, or is the only one. */
  async #ended(place: SlackTarget, part: PartDraft, signal: AbortSignal): Promise<void> {
    if (part.controls === 'rate-and-regenerate' || part.index === 0) await this.#working.clear(place, signal);
  }

  async #inOrder<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#edits.get(key) ?? Promise.resolve();
    const running = before.then(work, work);
    const settled = running.catch(() => {});
    this.#edits.set(key, settled);
    try {
      return await running;
    } finally {
      if (this.#edits.get(key) === settled) this.#edits.delete(key);
    }
  }
}

function isRefusal(failure: CallFailure, code: string): boolean {
  return failure.type === 'refused' && failure.code === code;
}
