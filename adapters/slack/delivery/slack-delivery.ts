import type { WebClient } from '@slack/web-api';
import type { DeliveryTarget, PostedPart, TurnId } from '../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../src/ports/delivery/delivery.js';
import type { Charge, EditBudget } from '../../../src/ports/delivery/edit-budget.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { type Metrics, NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import { type SlackApiOptions, slackClient } from '../client/slack-client.js';
import { type CallFailure, deliveryFailure } from '../client/slack-failure.js';
import { isDirect, partId, readPartId, readTarget, type SlackTarget } from '../client/slack-ids.js';
import { identityMetadata, type MessageIdentity } from './find-posted.js';
import { MethodLimits, type SlackRates } from './method-limits.js';
import { NativeStreams } from './native-streams.js';
import { PART_LIMIT, partContent } from './part-blocks.js';
import { Poster } from './poster.js';
import { sentencesIn } from './sentences.js';
import { WorkingStatus } from './working-status.js';

export interface SlackDeliveryOptions extends WorkspaceDeliveryOptions {
  /** `xoxb-…` */
  readonly botToken: string;
}

export interface WorkspaceDeliveryOptions {
  /** Base of the Web API. Default: Slack's own. */
  readonly apiUrl?: string;
  /** Longest wait for one answer of Slack, in ms. Default 15,000. */
  readonly timeoutMs?: number;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
  readonly clock: Clock;
  /** Counts calls, together with all others that act in the same workspace. */
  readonly budget: EditBudget;
  /** Default: Slack's own, less a tenth. */
  readonly rates?: SlackRates;
  /** Asks a turn to stop, because a person pressed Slack's own stop button: `TurnActions.stop`. */
  readonly stopTurn: (turnId: TurnId) => Promise<unknown>;
  /** Stream by Slack's own methods where the workspace has them. Default true. */
  readonly nativeStreaming?: boolean;
  /** How the asker is told that a slow reply is ready. Default `mention`. */
  readonly attention?: 'mention' | 'message';
}

/** chat.update refuses a message that streams; these are the codes it may do so with. */
const MAY_STREAM: ReadonlySet<string> = new Set(['streaming_state_conflict', 'cant_update_message']);

/** Puts replies on Slack by the Web API alone. */
export function createSlackDelivery(options: SlackDeliveryOptions): Delivery {
  return workspaceDelivery(slackClient(options.botToken, slackApi(options)), options);
}

/** @param client - with the token of the workspace that all targets are in */
export function workspaceDelivery(client: WebClient, options: WorkspaceDeliveryOptions): Delivery {
  return new SlackDelivery(client, options);
}

export function slackApi({ apiUrl, log, metrics, timeoutMs }: WorkspaceDeliveryOptions): SlackApiOptions {
  return { apiUrl, log, metrics, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

class SlackDelivery implements Delivery {
  readonly partLimit = PART_LIMIT;
  readonly #client: WebClient;
  readonly #options: WorkspaceDeliveryOptions;
  readonly #limits: MethodLimits;
  readonly #poster: Poster;
  readonly #streams: NativeStreams;
  readonly #working: WorkingStatus;
  /** The last edit of each message: the next one waits for it. */
  readonly #edits = new Map<string, Promise<unknown>>();

  constructor(client: WebClient, options: WorkspaceDeliveryOptions) {
    this.#client = client;
    this.#options = options;
    this.#limits = new MethodLimits(options.budget, options.rates);
    this.#poster = new Poster(client, this.#limits, options.log, options.metrics ?? NO_METRICS);
    this.#streams = new NativeStreams(client, this.#limits, options.clock, options.log);
    this.#working = new WorkingStatus(client, options.clock, options.log);
  }

  budget(target: DeliveryTarget, edit?: { readonly posted: PostedPart; readonly part: PartDraft }): Charge {
    const place = readTarget(target);
    const state = edit?.part.state;
    if (edit && this.#isStream(edit.posted))
      return this.#limits.charge(state === 'streaming' ? 'chat.appendStream' : 'chat.stopStream', place);
    return state === 'final' ? this.#limits.charge('chat.update', place) : this.#limits.growingCharge(place);
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
      await this.#limits.pay(this.budget(target, { posted, part }), part.state === 'final', signal);
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

  async remove(target: DeliveryTarget, posted: PostedPart, signal: AbortSignal): Promise<void> {
    const place = readTarget(target);
    const { channel, ts } = readPartId(posted.messageId);
    await this.#limits.take('chat.delete', place, false, signal);
    const call = () => this.#client.chat.delete({ channel, ts });
    const result = await this.#limits.attempt('chat.delete', place, call, signal);
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
    const content = { text: `${asker}${sentencesIn(place.language).ready}` };
    await this.#poster.post(place, identity, content, 0, signal);
  }

  #isStream({ messageId }: PostedPart): boolean {
    const { channel, ts } = readPartId(messageId);
    return this.#streams.has(channel, ts);
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
    return this.#poster.post(place, identity, partContent(part, place.language), part.revision, signal);
  }

  async #editNow(
    place: SlackTarget,
    posted: PostedPart,
    part: PartDraft,
    signal: AbortSignal,
  ): Promise<void> {
    const { channel, ts } = readPartId(posted.messageId);
    const last = part.state === 'final';
    if (this.#streams.has(channel, ts)) {
      if (part.state === 'streaming') {
        const result = await this.#streams.append(place, ts, part, signal);
        if (result === 'stopped-by-user') await this.#stopTurn(part.turnId);
        if (result !== 'cannot') return;
        await this.#limits.take('chat.stopStream', place, last, signal);
      }
      await this.#streams.close(place, ts, part, signal);
      await this.#limits.take('chat.update', place, last, signal);
    }
    await this.#update(place, ts, part, signal);
    if (last) await this.#ended(place, part, signal);
  }

  /** The stop button also reaches the app as an event: a failure here is no reason to fail the delivery. */
  async #stopTurn(turnId: TurnId): Promise<void> {
    try {
      await this.#options.stopTurn(turnId);
    } catch (error) {
      this.#options.log.warn({ turnId, error }, 'a turn stopped on Slack could not be stopped');
    }
  }

  async #update(place: SlackTarget, ts: string, part: PartDraft, signal: AbortSignal): Promise<void> {
    const metadata = identityMetadata({ turnId: part.turnId, part: part.index }, part.revision);
    const { channel, language } = place;
    const content = partContent(part, language);
    const call = () => this.#client.chat.update({ channel, ts, ...content, metadata });
    const update = () => this.#limits.attempt('chat.update', place, call, signal);
    let result = await update();
    if (!result.ok && result.failure.type === 'refused' && MAY_STREAM.has(result.failure.code)) {
      // A worker that died may have left the stream open.
      const urgent = part.state === 'final';
      await this.#limits.take('chat.stopStream', place, urgent, signal);
      const stopped = await this.#streams.stop(place, ts, '', signal);
      if (stopped === null) {
        await this.#limits.take('chat.update', place, urgent, signal);
        result = await update();
      }
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
