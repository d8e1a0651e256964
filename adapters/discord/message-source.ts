import type { GatewayMessageCreateDispatchData, GatewayMessageUpdateDispatchData } from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { Address } from '../../src/domain/address.js';
import type { IncomingMessage } from '../../src/domain/turn.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Inbox } from '../../src/ports/inbox.js';
import type { Log } from '../../src/ports/log.js';
import type { ChannelMessages } from './channel-messages.js';
import type { BotIdentity } from './gateway-session.js';
import { type HeardMessage, hear, readText } from './heard-message.js';
import { InTurn } from './in-turn.js';
import { nonceAbout } from './nonce.js';
import { ACCEPT_PATIENCE_MS, patiently } from './patience.js';
import type { Places } from './places.js';
import { sentencesIn } from './sentences.js';
import type { MessageTarget } from './target.js';
import { toDiscordMarkdown } from './translation.js';

export interface MessageSourceOptions {
  readonly inbox: Inbox;
  readonly places: Places;
  readonly channel: ChannelMessages;
  readonly readsMessages: () => boolean;
  /** Messages older than this when they first reach us, after a long outage, are not answered. No limit where left out. */
  readonly staleAfterMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A person is told at most this often, in one channel, that their message could not be read. */
const HINT_EVERY_MS = 3_600_000;

/** Hands people's messages to the inbox: filter, record, then show that something happens. */
export class MessageSource {
  readonly #options: MessageSourceOptions;
  readonly #inTurn = new InTurn();
  readonly #hinted = new LRUCache<string, number>({ max: 5_000 });

  constructor(options: MessageSourceOptions) {
    this.#options = options;
  }

  created(message: GatewayMessageCreateDispatchData, bot: BotIdentity): void {
    const receivedAt = this.#options.clock.now();
    const heard = hear(message, bot.userId, this.#options.places.namesIn(message.guild_id ?? null));
    if (!heard || this.#isStale(heard)) return;
    this.#task(heard.channelId, () => this.#answer(heard, bot, receivedAt));
  }

  edited(message: GatewayMessageUpdateDispatchData, bot: BotIdentity): void {
    // Previews of links change a message too.
    if (message.edited_timestamp === null || message.edited_timestamp === undefined) return;
    if (message.author.bot === true || message.content === '') return;
    const text = readText(message, bot.userId, this.#options.places.namesIn(message.guild_id ?? null));
    this.#task(message.channel_id, () =>
      this.#options.inbox.edited('discord', message.channel_id, message.id, text),
    );
  }

  deleted(channelId: string, messageIds: readonly string[]): void {
    this.#task(channelId, async () => {
      for (const id of messageIds) await this.#options.inbox.deleted('discord', channelId, id);
    });
  }

  idle(): Promise<void> {
    return this.#inTurn.idle();
  }

  /** One after the other in a channel: turns are recorded in the order people wrote. */
  #task(channelId: string, work: () => Promise<void>): void {
    void this.#inTurn.run(channelId, async () => {
      try {
        await work();
      } catch (error) {
        if (!this.#options.signal.aborted)
          this.#options.log.error({ err: error }, 'a Discord message was not handled');
      }
    });
  }

  async #answer(heard: HeardMessage, bot: BotIdentity, receivedAt: number): Promise<void> {
    const { places, inbox, clock, signal, log } = this.#options;
    const address = await places.addressOf(bot.applicationId, heard.guildId, heard.channelId);
    const reason = await this.#reason(heard, address, bot);
    if (reason === null) return;
    if (heard.blank && reason !== 'direct' && !this.#options.readsMessages()) {
      if (reason === 'reply') await this.#sayUnreadable(heard);
      return;
    }
    const message = incomingMessage(heard, address, bot);
    try {
      const acceptance = await patiently(
        () => inbox.accept(message),
        receivedAt + ACCEPT_PATIENCE_MS,
        clock,
        signal,
      );
      if (acceptance.type === 'accepted') this.#type(heard.channelId);
      if (acceptance.type === 'refused' && acceptance.repeated !== true)
        await this.#say(heard, acceptance.text);
    } catch (error) {
      signal.throwIfAborted();
      log.error({ err: error, messageId: heard.id }, 'a Discord message could not be recorded');
      await this.#say(heard, sentencesIn(heard.language).notTaken);
    }
  }

  #isStale({ writtenAt }: HeardMessage): boolean {
    const { clock, staleAfterMs } = this.#options;
    return staleAfterMs !== undefined && clock.now() - writtenAt > staleAfterMs;
  }

  async #reason(heard: HeardMessage, address: Address, bot: BotIdentity): Promise<Reason | null> {
    const { inbox } = this.#options;
    if (address.kind === 'direct') return 'direct';
    if (heard.mentionsBot) return 'mention';
    if (heard.repliesTo) {
      const { authorId, messageId } = heard.repliesTo;
      const mine =
        authorId === null ? (await inbox.turnOfPart('discord', messageId)) !== null : authorId === bot.userId;
      if (mine) return 'reply';
      if (authorId !== heard.author.id) return null;
    }
    if (address.kind !== 'thread' || heard.speaksToOthers) return null;
    const { followThreads } = await inbox.settings(address);
    return followThreads && (await inbox.takesPart(address)) ? 'thread' : null;
  }

  #type(channelId: string): void {
    const { channel, signal, log } = this.#options;
    channel
      .type(channelId, signal)
      .catch((error: unknown) => log.debug({ err: error }, 'typing was not shown'));
  }

  async #sayUnreadable(heard: HeardMessage): Promise<void> {
    const { clock } = this.#options;
    const last = this.#hinted.get(heard.channelId) ?? Number.NEGATIVE_INFINITY;
    if (clock.now() - last < HINT_EVERY_MS) return;
    this.#hinted.set(heard.channelId, clock.now());
    await this.#say(heard, sentencesIn(heard.language).unreadable);
  }

  /** A short reply; one that Discord does not take is logged, for there is nobody left to tell. */
  async #say(heard: HeardMessage, text: string): Promise<void> {
    const { channel, signal, log } = this.#options;
    const content = {
      content: toDiscordMarkdown(text),
      allowed_mentions: { parse: [], replied_user: false },
      components: [],
    };
    const nonce = nonceAbout('n', heard.id);
    try {
      await channel.post({ channelId: heard.channelId, content, nonce, replyTo: heard.id }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, messageId: heard.id }, 'a notice could not be posted on Discord');
    }
  }
}

type Reason = 'direct' | 'mention' | 'reply' | 'thread';

function incomingMessage(heard: HeardMessage, address: Address, bot: BotIdentity): IncomingMessage {
  const { author, language, quoted } = heard;
  const target: MessageTarget = {
    platform: 'discord',
    type: 'message',
    channelId: heard.channelId,
    messageId: heard.id,
    askerId: author.id,
    language,
  };
  // A bare mention in reply to a message asks about that message.
  const text = heard.text === '' && quoted ? sentencesIn(language).aboutDefault : heard.text;
  return {
    key: `discord/${bot.applicationId}/${heard.channelId}/${heard.id}`,
    platformMessageId: heard.id,
    address,
    author: { key: `discord/${author.id}`, name: author.name, id: author.id },
    text,
    ...(quoted ? { quoted } : {}),
    target,
  };
}
