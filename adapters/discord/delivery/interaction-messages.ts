import { Routes } from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../src/ports/process/clock.js';
import { DiscordRefusal, type DiscordRequest, type DiscordSender } from '../rest/sender.js';
import type { ChannelMessages } from './channel-messages.js';
import { type MessageContent, PostedMessage } from './posted-message.js';
import type { LiveInteraction } from './target.js';

/** Tries at a follow-up whose answer was lost. */
const FOLLOW_UP_TRIES = 4;
const PAUSE_MS = 500;
const TOO_MANY_FOLLOW_UPS = 40094;

/** Messages the bot writes as answers to an interaction: they need its token alone. Errors are {DiscordRefusal}. */
export class InteractionMessages {
  readonly #sender: DiscordSender;
  readonly #channel: ChannelMessages;
  readonly #clock: Clock;
  /** Interactions whose response is known to be deleted. */
  readonly #deleted = new LRUCache<string, true>({ max: 1_000 });

  constructor(sender: DiscordSender, channel: ChannelMessages, clock: Clock) {
    this.#sender = sender;
    this.#channel = channel;
    this.#clock = clock;
  }

  /** Changes the response, which is "thinking…" at first. May be repeated without harm. */
  editOriginal(
    target: LiveInteraction,
    content: MessageContent,
    signal: AbortSignal,
    patienceMs?: number,
  ): Promise<PostedMessage> {
    return this.#edit(target, '@original', content, signal, patienceMs);
  }

  /** Changes the response, or does `instead` where a person deleted it: what replaced it is a message of its own. */
  async editOriginalOr(
    target: LiveInteraction,
    content: MessageContent,
    instead: () => Promise<PostedMessage>,
    signal: AbortSignal,
    patienceMs?: number,
  ): Promise<PostedMessage> {
    if (!this.#deleted.has(target.interactionId)) {
      try {
        return await this.editOriginal(target, content, signal, patienceMs);
      } catch (error) {
        if (!(error instanceof DiscordRefusal && error.failure.reason === 'gone')) throw error;
      }
    }
    const message = await instead();
    this.#deleted.set(target.interactionId, true);
    return message;
  }

  editFollowUp(
    target: LiveInteraction,
    messageId: string,
    content: MessageContent,
    signal: AbortSignal,
    patienceMs?: number,
  ): Promise<PostedMessage> {
    return this.#edit(target, messageId, content, signal, patienceMs);
  }

  /**
   * Posts follow-up number `index`, counted from 1. Webhooks have no nonces: where the bot can read the channel it
   * looks whether that many follow-ups are there already.
   *
   * @param certainlyNew - nobody can have posted it before: the first look is left out
   */
  async followUp(
    target: LiveInteraction,
    index: number,
    content: MessageContent,
    certainlyNew: boolean,
    signal: AbortSignal,
  ): Promise<PostedMessage> {
    const { applicationId, token, followUps } = target;
    if (followUps !== null && index > followUps) {
      throw new DiscordRefusal(
        { reason: 'rejected', code: TOO_MANY_FOLLOW_UPS, ambiguous: false },
        undefined,
      );
    }
    for (let attempt = 1; ; attempt++) {
      const known =
        attempt === 1 && certainlyNew ? undefined : await this.#known(target, index, attempt > 1, signal);
      if (known) return this.editFollowUp(target, known.id, content, signal);
      try {
        const answer = await this.#send(
          { method: 'POST', route: Routes.webhook(applicationId, token), body: content, repeatable: false },
          signal,
        );
        return PostedMessage.parse(answer);
      } catch (error) {
        const lost = error instanceof DiscordRefusal && error.failure.ambiguous;
        if (lost && attempt === FOLLOW_UP_TRIES) this.#sender.sayUndecided();
        if (!lost || attempt === FOLLOW_UP_TRIES) throw error;
        await this.#clock.sleep(PAUSE_MS * attempt, signal);
      }
    }
  }

  async remove(target: LiveInteraction, messageId: string, signal: AbortSignal): Promise<void> {
    const { applicationId, token } = target;
    const route = Routes.webhookMessage(applicationId, token, messageId);
    try {
      await this.#send({ method: 'DELETE', route }, signal);
    } catch (error) {
      if (!(error instanceof DiscordRefusal && error.failure.reason === 'gone')) throw error;
    }
  }

  /** @param doubtful - it was sent, and the answer lost */
  async #known(
    target: LiveInteraction,
    index: number,
    doubtful: boolean,
    signal: AbortSignal,
  ): Promise<PostedMessage | undefined> {
    if (!target.mayPost) {
      if (doubtful) this.#sender.sayUndecided();
      return undefined;
    }
    const { applicationId, token, channelId } = target;
    const route = Routes.webhookMessage(applicationId, token, '@original');
    const original = PostedMessage.parse(await this.#send({ method: 'GET', route }, signal));
    try {
      const later = await this.#channel.after(channelId, original.id, signal);
      const followUps = later.filter(
        ({ interaction_metadata }) => interaction_metadata?.original_response_message_id === original.id,
      );
      return followUps[index - 1];
    } catch (error) {
      // Without the right to read, a part that shows twice is better than one that is missing.
      if (!(error instanceof DiscordRefusal && error.failure.reason === 'forbidden')) throw error;
      if (doubtful) this.#sender.sayUndecided();
      return undefined;
    }
  }

  async #edit(
    { applicationId, token }: LiveInteraction,
    message: string,
    content: MessageContent,
    signal: AbortSignal,
    patienceMs: number | undefined,
  ): Promise<PostedMessage> {
    const request: DiscordRequest = {
      method: 'PATCH',
      route: Routes.webhookMessage(applicationId, token, message),
      body: content,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    };
    return PostedMessage.parse(await this.#send(request, signal));
  }

  #send(request: DiscordRequest, signal: AbortSignal): Promise<unknown> {
    return this.#sender.send({ ...request, auth: false }, signal);
  }
}
