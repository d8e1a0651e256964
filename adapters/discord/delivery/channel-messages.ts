import { type APIMessage, Routes } from 'discord.js';
import { z } from 'zod';
import type { CoolDown } from '../rest/cool-down.js';
import { DiscordRefusal, type DiscordRequest, type DiscordSender } from '../rest/sender.js';
import { looksLike, type MessageContent, PostedMessage } from './posted-message.js';

/** Of what Discord answers, only what this code would fall over is checked. */
const ReadMessage = z.custom<APIMessage>(
  (value) =>
    z.object({ id: z.string(), content: z.string(), author: z.object({ id: z.string() }) }).safeParse(value)
      .success,
);

/** What cannot be read is not answered, so more is spent on it than on an edit. */
const READ_PATIENCE_MS = 60_000;
const THREAD_ARCHIVED = 50083;
const OLD_MESSAGE_EDITS = 30046;
const NO_READ_HISTORY = 160002;

export interface NewMessage {
  readonly channelId: string;
  readonly content: MessageContent;
  readonly nonce: string;
  /** The message to answer. */
  readonly replyTo: string | null;
  /** What is there already is not brought up to date. */
  readonly unlessThere?: boolean;
  readonly patienceMs?: number;
}

/** Messages the bot writes as itself, with its token. Errors are {DiscordRefusal}. */
export class ChannelMessages {
  readonly #sender: DiscordSender;
  readonly #coolDown: CoolDown;

  constructor(sender: DiscordSender, coolDown: CoolDown) {
    this.#sender = sender;
    this.#coolDown = coolDown;
  }

  /** Posts once: the nonce makes a repetition give the message that is there, brought up to date. */
  async post(message: NewMessage, signal: AbortSignal): Promise<PostedMessage> {
    const { channelId, content, nonce, patienceMs } = message;
    const create = (replyTo: string | null) =>
      this.#send(
        channelId,
        {
          method: 'POST',
          route: Routes.channelMessages(channelId),
          body: {
            ...content,
            nonce,
            enforce_nonce: true,
            ...(replyTo === null
              ? {}
              : {
                  message_reference: {
                    message_id: replyTo,
                    channel_id: channelId,
                    fail_if_not_exists: false,
                  },
                }),
          },
          ...(patienceMs === undefined ? {} : { patienceMs }),
        },
        signal,
      );
    const answer = await create(message.replyTo).catch((error: unknown) => {
      if (message.replyTo === null || !isRefusal(error, NO_READ_HISTORY)) throw error;
      return create(null);
    });
    const posted = PostedMessage.parse(answer);
    return message.unlessThere === true || looksLike(posted, content)
      ? posted
      : this.edit(channelId, posted.id, content, signal);
  }

  /** @throws {DiscordRefusal} 30046 where the message is over an hour old and was edited too often */
  async edit(
    channelId: string,
    messageId: string,
    content: MessageContent,
    signal: AbortSignal,
    patienceMs?: number,
  ): Promise<PostedMessage> {
    const request: DiscordRequest = {
      method: 'PATCH',
      route: Routes.channelMessage(channelId, messageId),
      body: content,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    };
    const answer = await this.#send(channelId, request, signal).catch(async (error: unknown) => {
      if (!isRefusal(error, THREAD_ARCHIVED)) throw error;
      const unarchive = {
        method: 'PATCH',
        route: Routes.channel(channelId),
        body: { archived: false },
      } as const;
      await this.#send(channelId, unarchive, signal);
      return this.#send(channelId, request, signal);
    });
    return PostedMessage.parse(answer);
  }

  /** Posts `message` in the place of one that can no longer be edited, which is then deleted. */
  async replace(messageId: string, message: NewMessage, signal: AbortSignal): Promise<PostedMessage> {
    const posted = await this.post(message, signal);
    if (posted.id !== messageId) await this.remove(message.channelId, messageId, signal);
    return posted;
  }

  /** Deletes a message; one that is gone already is no failure. */
  async remove(channelId: string, messageId: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'DELETE', route: Routes.channelMessage(channelId, messageId) } as const;
    try {
      await this.#send(channelId, request, signal);
    } catch (error) {
      if (!(error instanceof DiscordRefusal && error.failure.reason === 'gone')) throw error;
    }
  }

  /** At most 100 messages after `messageId`, the oldest first. */
  async after(channelId: string, messageId: string, signal: AbortSignal): Promise<PostedMessage[]> {
    const request: DiscordRequest = {
      method: 'GET',
      route: Routes.channelMessages(channelId),
      query: { after: messageId, limit: '100' },
    };
    const page = z.array(PostedMessage).parse(await this.#send(channelId, request, signal));
    return page.reverse();
  }

  /** At most `limit` (100) messages, the newest first; those before `before` where it is given. */
  async latest(
    channelId: string,
    limit: number,
    before: string | undefined,
    signal: AbortSignal,
    patienceMs = READ_PATIENCE_MS,
  ): Promise<APIMessage[]> {
    const query = { limit: String(limit), ...(before === undefined ? {} : { before }) };
    const route = Routes.channelMessages(channelId);
    const request = { method: 'GET', route, query, patienceMs } as const;
    // A history that the bot may not read does not keep it from writing.
    return z.array(ReadMessage).parse(await this.#sender.send(request, signal));
  }

  async type(channelId: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'POST', route: Routes.channelTyping(channelId), patienceMs: 0 } as const;
    await this.#send(channelId, request, signal);
  }

  async #send(channelId: string, request: DiscordRequest, signal: AbortSignal): Promise<unknown> {
    const standing = this.#coolDown.refusal(channelId);
    if (standing) throw new DiscordRefusal(standing, undefined);
    try {
      return await this.#sender.send(request, signal);
    } catch (error) {
      if (error instanceof DiscordRefusal) this.#coolDown.note(channelId, error.failure);
      throw error;
    }
  }
}

export function isOldMessageLimit(error: unknown): boolean {
  return isRefusal(error, OLD_MESSAGE_EDITS);
}

function isRefusal(error: unknown, code: number): boolean {
  return error instanceof DiscordRefusal && error.failure.code === code;
}
