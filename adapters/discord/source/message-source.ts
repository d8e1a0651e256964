import type { GatewayMessageCreateDispatchData, GatewayMessageUpdateDispatchData } from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { Address } from '../../../src/domain/address.js';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { HOUR_MS } from '../../../src/domain/time/duration.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Inbox } from '../../../src/ports/turns/inbox.js';
import type { PlatformChanges } from '../../../src/ports/turns/platform-changes.js';
import type { PlatformLookup } from '../../../src/ports/turns/platform-lookup.js';
import { ACCEPT_PATIENCE_MS, patiently } from '../catch-up/patience.js';
import type { ChannelMessages } from '../delivery/channel-messages.js';
import { nonceAbout } from '../delivery/nonce.js';
import { sentencesIn } from '../delivery/sentences.js';
import { toDiscordMarkdown } from '../delivery/translation.js';
import type { Gap } from '../gateway/gap.js';
import type { BotIdentity } from '../gateway/shard-memory.js';
import { type HeardMessage, hear, readText } from './heard-message.js';
import { InTurn } from './in-turn.js';
import { incomingMessage, type Written } from './incoming-message.js';
import type { Places } from './places.js';

export interface MessageSourceOptions {
  readonly inbox: Pick<Inbox, 'accept'>;
  readonly lookup: PlatformLookup;
  readonly changes: Pick<PlatformChanges, 'edited' | 'deleted'>;
  readonly places: Places;
  readonly channel: ChannelMessages;
  readonly readsMessages: () => boolean;
  /** Whether a message may be taken in, or is left to be read with what was missed before it: `CatchUp.before`. */
  readonly before: (message: HeardMessage, gap: Gap) => Promise<'read' | 'left' | 'ended'>;
  /** Messages older than this when they first reach us, after a long outage, are not answered. No limit where left out. */
  readonly staleAfterMs?: number | undefined;
  /** Whether people are told that such a message, found by looking for it, was missed. */
  readonly tellMissed: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A person is told at most this often, in one channel, that their message could not be read. */
const HINT_EVERY_MS = HOUR_MS;

/** Hands people's messages to the inbox: filter, record, then show that something happens. */
export class MessageSource {
  readonly #options: MessageSourceOptions;
  readonly #inTurn = new InTurn();
  readonly #hinted = new LRUCache<string, number>({ max: 5_000 });

  constructor(options: MessageSourceOptions) {
    this.#options = options;
  }

  /**
   * @param gap - may hold what was said before in the message's channel
   * @returns a promise that is fulfilled once the message was handled, whatever came of it
   */
  async created(message: GatewayMessageCreateDispatchData, bot: BotIdentity, gap: Gap): Promise<void> {
    const receivedAt = this.#options.clock.now();
    const heard = hear(message, bot.userId, this.#options.places.names());
    if (!heard || this.#isStale(heard)) return;
    let ended = false;
    await this.inTurn(heard.channelId, async () => {
      const before = await this.#options.before(heard, gap);
      ended = before === 'ended';
      if (before === 'read') await this.#answer(heard, bot, receivedAt, 'now');
    });
    if (ended) throw new Error('the shard is another process’s');
  }

  /**
   * Takes in messages of one channel that were found by looking for them, oldest first. Call it in the channel's turn.
   *
   * @param recorded - id of the newest message that was recorded: of those up to it people hear nothing but answers
   * @throws {ExpectedFailure} where the database is out of reach: it may be called again
   */
  async missed(
    messages: readonly GatewayMessageCreateDispatchData[],
    bot: BotIdentity,
    recorded: string,
  ): Promise<void> {
    const stale: HeardMessage[] = [];
    for (const message of messages) {
      try {
        const heard = hear(message, bot.userId, this.#options.places.names());
        if (!heard) continue;
        const isNews = BigInt(heard.id) > BigInt(recorded);
        const written = isNews ? 'earlier' : 'earlier, perhaps taken in';
        if (!this.#isStale(heard)) await this.#answer(heard, bot, this.#options.clock.now(), written);
        else if (isNews && this.#options.tellMissed && (await this.#isForBot(heard, bot))) stale.push(heard);
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (error instanceof ExpectedFailure && error.retryable) throw error;
        this.#options.log.error({ err: error }, 'a Discord message was not handled');
      }
    }
    const last = stale.at(-1);
    if (last) await this.#say(last, sentencesIn(last.language).missed(stale.length), 'm');
  }

  async edited(message: GatewayMessageUpdateDispatchData, bot: BotIdentity): Promise<void> {
    // Previews of links change a message too.
    if (message.edited_timestamp === null || message.edited_timestamp === undefined) return;
    if (message.author.bot === true || message.content === '') return;
    const text = readText(message, bot.userId, this.#options.places.names());
    const { changes } = this.#options;
    await this.inTurn(message.channel_id, () =>
      this.#patiently(() => changes.edited('discord', message.channel_id, message.id, text)),
    );
  }

  async deleted(channelId: string, messageIds: readonly string[]): Promise<void> {
    await this.inTurn(channelId, async () => {
      const { changes } = this.#options;
      for (const id of messageIds) await this.#patiently(() => changes.deleted('discord', channelId, id));
    });
  }

  idle(): Promise<void> {
    return this.#inTurn.idle();
  }

  /**
   * Does one thing after the other in a channel: turns are recorded in the order people wrote.
   *
   * @throws `signal.reason` where the process stops before the end
   */
  async inTurn(channelId: string, work: () => Promise<void>): Promise<void> {
    const { signal, log } = this.#options;
    await this.#inTurn.run(channelId, async () => {
      try {
        await work();
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'a Discord message was not handled');
      }
    });
    signal.throwIfAborted();
  }

  async #isForBot(heard: HeardMessage, bot: BotIdentity): Promise<boolean> {
    const address = await this.#options.places.addressOf(bot.applicationId, heard.guildId, heard.channelId);
    return (await this.#reason(heard, address, bot)) !== null;
  }

  async #answer(heard: HeardMessage, bot: BotIdentity, receivedAt: number, written: Written): Promise<void> {
    const { places, inbox, signal, log } = this.#options;
    const address = await places.addressOf(bot.applicationId, heard.guildId, heard.channelId);
    const reason = await this.#patiently(() => this.#reason(heard, address, bot), receivedAt);
    if (reason === null) return;
    if (heard.blank && reason !== 'direct' && !this.#options.readsMessages()) {
      if (reason === 'reply') await this.#sayUnreadable(heard);
      return;
    }
    const message = incomingMessage(heard, address, bot, written);
    try {
      const acceptance = await this.#patiently(() => inbox.accept(message), receivedAt);
      // Of many that were missed most wait for a while.
      if (acceptance.type === 'accepted' && written === 'now') this.#type(heard.channelId);
      const wasTold = written === 'earlier, perhaps taken in';
      if (acceptance.type === 'refused' && acceptance.repeated !== true && !wasTold)
        await this.#say(heard, acceptance.text);
    } catch (error) {
      signal.throwIfAborted();
      log.error({ err: error, messageId: heard.id }, 'a Discord message could not be recorded');
      await this.#say(heard, sentencesIn(heard.language).notTaken);
    }
  }

  /** Discord tells nothing twice: a database that is away is waited for, whatever is to be asked or told of it. */
  #patiently<T>(work: () => Promise<T>, since = this.#options.clock.now()): Promise<T> {
    const { clock, signal } = this.#options;
    return patiently(work, since + ACCEPT_PATIENCE_MS, clock, signal);
  }

  #isStale({ writtenAt }: HeardMessage): boolean {
    const { clock, staleAfterMs } = this.#options;
    return staleAfterMs !== undefined && clock.now() - writtenAt > staleAfterMs;
  }

  async #reason(heard: HeardMessage, address: Address, bot: BotIdentity): Promise<Reason | null> {
    const { lookup } = this.#options;
    if (address.kind === 'direct') return 'direct';
    if (heard.mentionsBot) return 'mention';
    if (heard.repliesTo) {
      const { authorId, messageId } = heard.repliesTo;
      const mine =
        authorId === null
          ? (await lookup.turnOfPart('discord', messageId)) !== null
          : authorId === bot.userId;
      if (mine) return 'reply';
      if (authorId !== heard.author.id) return null;
    }
    if (address.kind !== 'thread' || heard.speaksToOthers) return null;
    const { followThreads } = await lookup.settings(address);
    return followThreads && (await lookup.takesPart(address)) ? 'thread' : null;
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
  async #say(heard: HeardMessage, text: string, kind = 'n'): Promise<void> {
    const { channel, signal, log } = this.#options;
    const content = {
      content: toDiscordMarkdown(text),
      allowed_mentions: { parse: [], replied_user: false },
      components: [],
    };
    const nonce = nonceAbout(kind, heard.id);
    try {
      await channel.post({ channelId: heard.channelId, content, nonce, replyTo: heard.id }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, messageId: heard.id }, 'a notice could not be posted on Discord');
    }
  }
}

type Reason = 'direct' | 'mention' | 'reply' | 'thread';
