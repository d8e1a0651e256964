import { Routes } from 'discord.js';
import { z } from 'zod';
import type { TurnId } from '../../../src/domain/turn.js';
import type { Log } from '../../../src/ports/process/log.js';
import { DiscordRefusal, type DiscordSender } from '../rest/sender.js';
import type { ChannelMessages } from './channel-messages.js';
import { readCustomId } from './controls.js';
import { PostedMessage } from './posted-message.js';

/** A part that an earlier attempt may have posted, whose answer was lost. */
export interface SoughtPart {
  readonly channelId: string;
  readonly turnId: TurnId;
  readonly index: number;
  readonly nonce: string;
  /** The message it answers; null where it answers none. */
  readonly replyTo: string | null;
  /** It can't have been posted before this message. */
  readonly after: string;
  /** Messages that are other parts of the reply. */
  readonly others: readonly string[];
}

/** Pages of the channel that are read, the newest first. */
const MOST_PAGES = 3;
const PAGE = 100;
/** Short: the post itself waits for this. */
const LOOK_PATIENCE_MS = 5_000;

type Found =
  | { readonly type: 'found'; readonly message: PostedMessage }
  | { readonly type: 'absent' | Doubt };
/** Why a channel does not tell: not to be read by the bot, or too much was said since. */
type Doubt = 'unreadable' | 'too-much-said';

/**
 * Looks for parts in the channel itself. Discord knows a nonce for a few minutes; what was posted before that is known
 * by its buttons, which carry the turn, and a first part by the message it answers.
 */
export class EarlierPosts {
  readonly #channel: ChannelMessages;
  readonly #sender: DiscordSender;
  readonly #log: Log;
  #self: string | null = null;

  constructor(channel: ChannelMessages, sender: DiscordSender, log: Log) {
    this.#channel = channel;
    this.#sender = sender;
    this.#log = log;
  }

  /**
   * @returns null where it is not there, or where that can't be told: which is logged, for it may then stand twice
   * @throws {DiscordRefusal} where Discord is out of reach
   */
  async find(part: SoughtPart, signal: AbortSignal): Promise<PostedMessage | null> {
    const found = await this.#look(part, signal);
    if (found.type === 'found') return found.message;
    if (found.type !== 'absent') {
      const { turnId, index, channelId } = part;
      this.#log.warn(
        { turnId, index, channelId, why: found.type },
        'whether a part was posted before cannot be told: it may stand twice on Discord',
      );
      this.#sender.countUndecided();
    }
    return null;
  }

  async #look(part: SoughtPart, signal: AbortSignal): Promise<Found> {
    try {
      const self = await this.#selfId(signal);
      let before: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const messages = await this.#channel.latest(part.channelId, PAGE, before, signal, LOOK_PATIENCE_MS);
        const mine = messages.filter(
          ({ id, author }) =>
            author.id === self && BigInt(id) > BigInt(part.after) && !part.others.includes(id),
        );
        const match = mine.findLast((message) => {
          const { message_reference: reference, nonce } = message;
          return (
            nonce === part.nonce ||
            carriesTurn(message, part.turnId) ||
            (part.index === 0 && part.replyTo !== null && reference?.message_id === part.replyTo)
          );
        });
        if (match) return { type: 'found', message: PostedMessage.parse(match) };
        const oldest = messages.at(-1);
        // Where the bot may not read the history Discord answers with nothing, and something was said here.
        if (oldest === undefined) return { type: page === 0 ? 'unreadable' : 'absent' };
        if (messages.length < PAGE || BigInt(oldest.id) <= BigInt(part.after)) return { type: 'absent' };
        before = oldest.id;
      }
      return { type: 'too-much-said' };
    } catch (error) {
      if (error instanceof DiscordRefusal && error.failure.reason === 'forbidden')
        return { type: 'unreadable' };
      throw error;
    }
  }

  async #selfId(signal: AbortSignal): Promise<string> {
    const request = { method: 'GET', route: Routes.user('@me'), patienceMs: LOOK_PATIENCE_MS } as const;
    this.#self ??= z.object({ id: z.string() }).parse(await this.#sender.send(request, signal)).id;
    return this.#self;
  }
}

/** Whether the buttons under a message are those of a reply to this turn. */
function carriesTurn(message: object, turnId: TurnId): boolean {
  const { components } = PostedMessage.pick({ components: true }).parse(message);
  return components
    .flatMap((row) => row.components ?? [])
    .some(({ custom_id }) => custom_id !== undefined && readCustomId(custom_id)?.turnId === turnId);
}
