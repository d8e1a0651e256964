import type { REST } from '@discordjs/rest';
import type { DeliveryTarget, PostedPart } from '../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../src/ports/delivery/delivery.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { Metrics } from '../../../src/ports/telemetry/metrics.js';
import { CoolDown } from '../rest/cool-down.js';
import { createDiscordRest } from '../rest/rest.js';
import { DiscordRefusal, DiscordSender, deliveryFailure } from '../rest/sender.js';
import { ChannelMessages, isOldMessageLimit } from './channel-messages.js';
import { EarlierPosts } from './earlier-posts.js';
import { ExpiredTokens } from './expired-tokens.js';
import { InteractionMessages } from './interaction-messages.js';
import { nonceAbout, partNonce } from './nonce.js';
import { looksLike, type MessageContent, type PostedMessage, partContent } from './posted-message.js';
import { type DiscordTarget, type LiveInteraction, readTarget } from './target.js';
import { PART_LIMIT } from './translation.js';

export interface DiscordDeliveryOptions {
  readonly token: string;
  /** Base of Discord's REST API without the version; Discord's own where left out. */
  readonly apiUrl?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
  /** How a reply that took long is announced: `mention` pings the asker, `message` posts a line without a ping. */
  readonly attention?: 'mention' | 'message';
  /** Shared with the adapter where both run in one process: buckets are counted per client. */
  readonly rest?: REST;
  /** In [0, 1): spreads repetitions out. */
  readonly random?: () => number;
}

/** Discord takes about 5 edits per 5 s in a channel, and as many for each interaction. */
const RATE = { edits: 5, perMs: 5_000 } as const;
/** A streaming edit is soon out of date: the pipeline had better come back with newer text. */
const STREAMING_PATIENCE_MS = 1_000;
const NOTICE_PATIENCE_MS = 1_000;

const ATTENTION = { en: 'your reply is ready.', zh: '回复已完成。' } as const;

/** Puts replies on Discord, with REST alone. */
export function createDiscordDelivery(options: DiscordDeliveryOptions): Delivery {
  return new DiscordDelivery(options);
}

class DiscordDelivery implements Delivery {
  readonly partLimit = PART_LIMIT;
  readonly #channel: ChannelMessages;
  readonly #interaction: InteractionMessages;
  readonly #earlier: EarlierPosts;
  readonly #tokens: ExpiredTokens;
  readonly #attention: 'mention' | 'message';

  constructor(options: DiscordDeliveryOptions) {
    const { attention = 'mention', clock, log } = options;
    const sender = new DiscordSender({ ...options, rest: options.rest ?? createDiscordRest(options) });
    this.#channel = new ChannelMessages(sender, new CoolDown(clock));
    this.#interaction = new InteractionMessages(sender, this.#channel, clock);
    this.#earlier = new EarlierPosts(this.#channel, sender, log);
    this.#tokens = new ExpiredTokens(clock);
    this.#attention = attention;
  }

  budget(target: DeliveryTarget) {
    const read = readTarget(target);
    const byToken = read.type === 'interaction' && this.#tokens.alive(read) !== null;
    return { key: `discord/${byToken ? `interaction/${read.interactionId}` : read.channelId}`, rate: RATE };
  }

  async showWorking(target: DeliveryTarget, signal: AbortSignal): Promise<void> {
    const read = readTarget(target);
    // Discord shows "thinking…" for a deferred interaction.
    if (read.type === 'interaction' && (this.#tokens.alive(read) || !read.mayPost)) return;
    await planned(() => this.#channel.type(read.channelId, signal));
  }

  post(target: DeliveryTarget, part: PartDraft, signal: AbortSignal): Promise<PostedPart> {
    const read = readTarget(target);
    const content = partContent(part, read);
    return planned(async () => {
      const message = await this.#byToken(
        read,
        (interaction) => this.#postByToken(interaction, part, content, signal),
        () => this.#postAsBot(read, part, content, signal),
      );
      return { index: part.index, messageId: message.id };
    });
  }

  edit(
    target: DeliveryTarget,
    posted: PostedPart,
    part: PartDraft,
    signal: AbortSignal,
  ): Promise<PostedPart> {
    const read = readTarget(target);
    const content = partContent(part, read);
    const patience = part.state === 'final' ? undefined : STREAMING_PATIENCE_MS;
    const { index, messageId } = posted;
    return planned(async () => {
      const message = await this.#byToken(
        read,
        (interaction) =>
          index === 0
            ? this.#interaction.editOriginalOr(
                interaction,
                content,
                () =>
                  interaction.mayPost
                    ? this.#channel.edit(read.channelId, messageId, content, signal, patience)
                    : this.#interaction.editFollowUp(interaction, messageId, content, signal, patience),
                signal,
                patience,
              )
            : this.#interaction.editFollowUp(interaction, messageId, content, signal, patience),
        () =>
          this.#channel.edit(read.channelId, messageId, content, signal, patience).catch((error: unknown) => {
            if (!isOldMessageLimit(error)) throw error;
            const fresh = { ...newPart(read, part, content), nonce: nonceAbout('r', messageId) };
            return this.#channel.replace(messageId, fresh, signal);
          }),
      );
      return { index, messageId: message.id };
    });
  }

  remove(target: DeliveryTarget, posted: PostedPart, signal: AbortSignal): Promise<void> {
    const read = readTarget(target);
    return planned(() =>
      this.#byToken(
        read,
        (interaction) => this.#interaction.remove(interaction, posted.messageId, signal),
        () => this.#channel.remove(read.channelId, posted.messageId, signal),
      ),
    );
  }

  async callAttention(
    target: DeliveryTarget,
    turnId: number,
    last: PostedPart,
    signal: AbortSignal,
  ): Promise<void> {
    const read = readTarget(target);
    const mention = this.#attention === 'mention';
    const text = ATTENTION[read.language];
    const content: MessageContent = {
      content: mention ? `<@${read.askerId}> ${text}` : `-# ${text}`,
      allowed_mentions: { parse: [], users: mention ? [read.askerId] : [], replied_user: false },
      components: [],
    };
    const { channelId } = read;
    const nonce = partNonce(turnId, 0, last.index).replace('p', 'a');
    await planned(async () => {
      if (read.type === 'message' || read.mayPost) {
        await this.#channel.post({ channelId, content, nonce, replyTo: last.messageId }, signal);
        return;
      }
      const interaction = this.#tokens.alive(read);
      if (interaction) {
        await this.#interaction.followUp(interaction, last.index + 1, content, true, signal);
      }
    });
  }

  #postByToken(
    interaction: LiveInteraction,
    part: PartDraft,
    content: MessageContent,
    signal: AbortSignal,
  ): Promise<PostedMessage> {
    const { index, revision, certainlyNew = false } = part;
    if (index > 0) return this.#interaction.followUp(interaction, index, content, certainlyNew, signal);
    // A response knows no nonce: a notice that waited for Discord would stand over the answer.
    const patience = part.unlessThere === true ? NOTICE_PATIENCE_MS : undefined;
    if (revision === 0) return this.#interaction.editOriginal(interaction, content, signal, patience);
    // A second answer edits the first: it is posted only where that was deleted.
    const instead = () =>
      interaction.mayPost
        ? this.#postAsBot(interaction, part, content, signal)
        : this.#interaction.followUp(interaction, 1, content, true, signal);
    return this.#interaction.editOriginalOr(interaction, content, instead, signal);
  }

  /** Posts a part, or brings up to date the one that an earlier attempt posted. */
  async #postAsBot(
    target: DiscordTarget,
    part: PartDraft,
    content: MessageContent,
    signal: AbortSignal,
  ): Promise<PostedMessage> {
    const fresh = newPart(target, part, content);
    if (part.certainlyNew === true) return this.#channel.post(fresh, signal);
    const { turnId, index, others = [] } = part;
    const after = (target.type === 'message' ? target.messageId : target.interactionId) ?? '0';
    const known = await this.#earlier.find({ ...fresh, turnId, index, after, others }, signal);
    if (known === null) return this.#channel.post(fresh, signal);
    return looksLike(known, content)
      ? known
      : this.#channel.edit(target.channelId, known.id, content, signal);
  }

  /** Answers by an interaction's token while it lives, and as the bot itself after that, where the bot may. */
  async #byToken<T>(
    target: DiscordTarget,
    byToken: (interaction: LiveInteraction) => Promise<T>,
    asBot: () => Promise<T>,
  ): Promise<T> {
    if (target.type === 'message') return asBot();
    const interaction = this.#tokens.alive(target);
    if (interaction) {
      try {
        return await byToken(interaction);
      } catch (error) {
        if (!(error instanceof DiscordRefusal && error.failure.reason === 'token-expired')) throw error;
        this.#tokens.note(target);
        if (!target.mayPost) throw error;
      }
    }
    if (target.mayPost) return asBot();
    throw new DiscordRefusal({ reason: 'token-expired', code: 0, ambiguous: false }, undefined);
  }
}

function newPart(target: DiscordTarget, part: PartDraft, content: MessageContent) {
  const replyTo = part.index === 0 && target.type === 'message' ? target.messageId : null;
  const nonce = partNonce(part.turnId, part.revision, part.index);
  const { unlessThere = false } = part;
  return { channelId: target.channelId, content, nonce, replyTo, unlessThere };
}

/** Turns refusals into the failures the pipeline plans for. */
async function planned<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DiscordRefusal ? deliveryFailure(error.failure, error) : error;
  }
}
