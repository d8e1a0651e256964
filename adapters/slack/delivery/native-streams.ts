import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { PartDraft } from '../../../src/ports/delivery/delivery.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { type CallFailure, deliveryFailure, isDeadToken } from '../client/slack-failure.js';
import { isDirect, type SlackPlace, type SlackTarget } from '../client/slack-ids.js';
import { Capability } from './capability.js';
import { appendable, escapeMarkdown } from './escape-markdown.js';
import type { MethodLimits } from './method-limits.js';
import { controlsBlock } from './part-blocks.js';

/** Slack ends a stream by itself after about 5 minutes: go over to edits before. */
const STREAM_LIFE_MS = 4.5 * MINUTE_MS;
/** Refusals that say nothing about streams: the message would be refused in any form. */
const NOT_ABOUT_STREAMS: ReadonlySet<string> = new Set([
  'channel_not_found',
  'is_archived',
  'message_not_found',
  'missing_scope',
  'not_in_channel',
  'restricted_action',
  'thread_not_found',
]);

/** Refusals that will come again for every stream: the method is missing, or takes no such request. */
const ABSENT: ReadonlySet<string> = new Set([
  'unknown_method',
  'invalid_arguments',
  'invalid_blocks',
  'invalid_chunks',
  'not_allowed_token_type',
]);

interface Stream {
  readonly channel: string;
  readonly ts: string;
  readonly startedAt: number;
  /** What Slack has of the text, escaped; null once that isn't known any more. */
  sent: string | null;
}

/** What became of text given to a stream. `cannot`: the message has to be edited instead. */
export type AppendResult = 'appended' | 'cannot' | 'stopped-by-user';

export type StartResult =
  | { readonly type: 'started'; readonly ts: string }
  /** This message cannot stream: post it. */
  | { readonly type: 'cannot' }
  | { readonly type: 'failed'; readonly failure: CallFailure };

/**
 * Messages that stream by Slack's own methods. They can only grow, so whatever else a message needs (a shorter text,
 * a footer, buttons) is an edit once its stream is closed; the same goes for one whose state has become uncertain.
 */
export class NativeStreams {
  readonly #client: WebClient;
  readonly #limits: MethodLimits;
  readonly #clock: Clock;
  readonly #capability: Capability;
  /** By `channel/ts`; a stream left behind is closed by Slack. */
  readonly #streams = new LRUCache<string, Stream>({ max: 1_000 });

  constructor(client: WebClient, limits: MethodLimits, clock: Clock, log: Log) {
    this.#client = client;
    this.#limits = limits;
    this.#clock = clock;
    this.#capability = new Capability('chat.startStream', clock, log);
  }

  get available(): boolean {
    return this.#capability.present;
  }

  has(channel: string, ts: string): boolean {
    return this.#streams.has(`${channel}/${ts}`);
  }

  async start(target: SlackTarget, part: PartDraft, signal: AbortSignal): Promise<StartResult> {
    const { thread } = target;
    if (thread === undefined || !this.available) return { type: 'cannot' };
    const sent = escapeMarkdown(appendable(part.text));
    const controls = controlsBlock(part, target.language);
    // Streams take no metadata: the id of the block with the stop button says whose message it is.
    if (!controls || sent === '') return { type: 'cannot' };
    const chunks = [
      { type: 'blocks' as const, blocks: [controls] },
      { type: 'markdown_text' as const, text: sent },
    ];
    const recipient = isDirect(target.channel)
      ? {}
      : { recipient_user_id: target.user, recipient_team_id: target.team };
    if (!(await this.#limits.takeBriefly('chat.startStream', target, signal))) return { type: 'cannot' };
    const startedAt = this.#clock.now();
    const call = () =>
      this.#client.chat.startStream({ channel: target.channel, thread_ts: thread, chunks, ...recipient });
    const result = await this.#limits.attempt('chat.startStream', target, call, signal);
    if (result.ok) {
      const { ts } = result.value;
      if (ts === undefined) return { type: 'failed', failure: { type: 'unknown', cause: 'no ts' } };
      this.#streams.set(`${target.channel}/${ts}`, { channel: target.channel, ts, startedAt, sent });
      return { type: 'started', ts };
    }
    return this.#afterRefusedStart(result.failure);
  }

  #afterRefusedStart(failure: CallFailure): StartResult {
    if (failure.type === 'unknown') return { type: 'failed', failure };
    // Streams have a limit of their own, lower than that of posts.
    if (failure.type === 'rate-limited') return { type: 'cannot' };
    if (isDeadToken(failure.code) || NOT_ABOUT_STREAMS.has(failure.code)) return { type: 'failed', failure };
    if (ABSENT.has(failure.code)) this.#capability.markAbsent(failure.code);
    return { type: 'cannot' };
  }

  /** A stream that was found again: open perhaps, and nobody knows with how much text. */
  adopt(channel: string, ts: string): void {
    this.#streams.set(`${channel}/${ts}`, { channel, ts, startedAt: this.#clock.now(), sent: null });
  }

  /**
   * Brings a streaming message up to `part`; the call was charged for.
   *
   * @throws {ExpectedFailure} `delivery-failed`
   */
  async append(place: SlackPlace, ts: string, part: PartDraft, signal: AbortSignal): Promise<AppendResult> {
    const { channel } = place;
    const stream = this.#streams.get(`${channel}/${ts}`);
    const rest = stream && this.#growth(stream, part);
    if (!stream || rest === null || rest === undefined) return 'cannot';
    if (rest === '') return 'appended';
    const known = stream.sent ?? '';
    stream.sent = null; // until Slack has answered
    const call = () => this.#client.chat.appendStream({ channel, ts, markdown_text: rest });
    const result = await this.#limits.attempt('chat.appendStream', place, call, signal);
    if (result.ok) {
      stream.sent = known + rest;
      return 'appended';
    }
    const { failure } = result;
    if (failure.type === 'rate-limited') {
      stream.sent = known;
      throw deliveryFailure('chat.appendStream', failure);
    }
    if (failure.type === 'refused' && failure.code === 'stopped_by_user') {
      this.#streams.delete(`${channel}/${ts}`);
      return 'stopped-by-user';
    }
    return 'cannot';
  }

  /**
   * Ends a stream, so that the message can be edited; tells it the rest of the text where that only grew. Does nothing
   * for a message that does not stream. The call was charged for.
   *
   * @throws {ExpectedFailure} `delivery-failed`, where Slack did not say that it is closed
   */
  async close(place: SlackPlace, ts: string, part: PartDraft, signal: AbortSignal): Promise<void> {
    const { channel } = place;
    const stream = this.#streams.get(`${channel}/${ts}`);
    if (!stream) return;
    const rest = this.#growth(stream, part) ?? '';
    stream.sent = null;
    const failure = await this.stop(place, ts, rest, signal);
    if (failure && failure.type !== 'refused') throw deliveryFailure('chat.stopStream', failure);
    this.#streams.delete(`${channel}/${ts}`);
  }

  /** Ends the stream of a message whoever began it. The call was charged for. */
  async stop(place: SlackPlace, ts: string, rest: string, signal: AbortSignal): Promise<CallFailure | null> {
    const text = rest === '' ? {} : { markdown_text: rest };
    const call = () => this.#client.chat.stopStream({ channel: place.channel, ts, ...text });
    const result = await this.#limits.attempt('chat.stopStream', place, call, signal);
    return result.ok ? null : result.failure;
  }

  forget(channel: string, ts: string): void {
    this.#streams.delete(`${channel}/${ts}`);
  }

  /** What has to be appended, escaped; null where the text did not only grow, or the stream is too old. */
  #growth(stream: Stream, part: PartDraft): string | null {
    if (stream.sent === null || this.#clock.now() - stream.startedAt > STREAM_LIFE_MS) return null;
    const wanted = escapeMarkdown(part.state === 'final' ? part.text : appendable(part.text));
    return wanted.startsWith(stream.sent) ? wanted.slice(stream.sent.length) : null;
  }
}
