import {
  type APIMessage,
  type APIUser,
  type GatewayMessageCreateDispatchData,
  MessageReferenceType,
  MessageType,
} from 'discord.js';
import type { Language } from '../../../src/domain/settings.js';
import { languageOf } from '../../../src/domain/text/language.js';
import type { Quote } from '../../../src/domain/turn.js';
import { sentencesIn } from '../delivery/sentences.js';

/** Names of what a text mentions, where they are known. */
export interface Names {
  role(id: string): string | undefined;
  channel(id: string): string | undefined;
}

/** A person's message as far as it matters here. */
export interface HeardMessage {
  readonly id: string;
  readonly channelId: string;
  readonly guildId: string | null;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
  readonly author: { readonly id: string; readonly name: string };
  /** Without the bot's mention, with names for the others, and a note of what cannot be read. */
  readonly text: string;
  readonly language: Language;
  readonly mentionsBot: boolean;
  /** `author` is null where Discord does not say whose message it was. */
  readonly repliesTo: { readonly messageId: string; readonly authorId: string | null } | null;
  /** The text begins by speaking to someone else. */
  readonly speaksToOthers: boolean;
  /** Nothing arrived to read: without the message-content intent Discord strips it. */
  readonly blank: boolean;
  readonly quoted: Quote | null;
}

type RawMessage = GatewayMessageCreateDispatchData;

/** @returns null for what is never answered: bots, webhooks, the bot itself, notices of Discord */
export function hear(message: RawMessage, botId: string, names: Names): HeardMessage | null {
  if (message.author.bot === true || message.author.id === botId || message.webhook_id !== undefined)
    return null;
  if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return null;
  const text = readText(message, botId, names);
  const reference = message.message_reference;
  const isReply = reference?.message_id !== undefined && reference.type !== MessageReferenceType.Forward;
  return {
    id: message.id,
    channelId: message.channel_id,
    guildId: message.guild_id ?? null,
    writtenAt: Date.parse(message.timestamp),
    author: { id: message.author.id, name: message.member?.nick ?? nameOf(message.author) },
    text,
    language: languageOf(text) ?? 'en',
    mentionsBot: mentions(message.content, botId),
    repliesTo: isReply
      ? { messageId: reference.message_id ?? '', authorId: message.referenced_message?.author.id ?? null }
      : null,
    speaksToOthers: new RegExp(`^\\s*<@(?!!?${botId}>)[!&]?\\d+>`).test(message.content),
    blank: text === '' && !mentions(message.content, botId) && message.message_snapshots === undefined,
    quoted: quotedOf(message, botId, names),
  };
}

/**
 * A message's text: the bot's own mention removed, other mentions as names, and what cannot be read named at the end.
 */
export function readText(
  message: Pick<APIMessage, 'content' | 'attachments' | 'embeds' | 'sticker_items' | 'poll' | 'mentions'>,
  botId: string,
  names: Names,
): string {
  const people = new Map((message.mentions ?? []).map((user) => [user.id, nickOf(user) ?? nameOf(user)]));
  const text = nameMentions(message.content ?? '', botId, names, people);
  const note = skippedNote(message, languageOf(text) ?? 'en');
  return [text, note].filter((piece) => piece !== '').join('\n');
}

/** Replaces Discord's `<…>` by what a reader sees. */
function nameMentions(
  content: string,
  botId: string,
  names: Names,
  people: ReadonlyMap<string, string>,
): string {
  return content
    .replace(new RegExp(`<@!?${botId}>`, 'g'), ' ')
    .replace(/<@!?(\d+)>/g, (_all, id: string) => `@${people.get(id) ?? 'someone'}`)
    .replace(/<@&(\d+)>/g, (_all, id: string) => `@${names.role(id) ?? 'role'}`)
    .replace(/<#(\d+)>/g, (_all, id: string) => `#${names.channel(id) ?? 'channel'}`)
    .replace(/<a?:(\w+):\d+>/g, ':$1:')
    .replace(/<(\/[^:>]+):\d+>/g, '$1')
    .replace(/[^\S\n]{2,}/g, ' ')
    .trim();
}

export function quoteFrom(authorId: string, messageId: string, author: string, text: string): Quote {
  return { author, text, authorKeys: [`discord/${authorId}`], messageIds: [messageId] };
}

/** What people see as someone's name. */
export function nameOf(user: Pick<APIUser, 'username' | 'global_name'>): string {
  return user.global_name ?? user.username;
}

/** The gateway sends a mentioned person's membership along. */
function nickOf(user: APIUser & { readonly member?: { readonly nick?: string | null } }): string | null {
  return user.member?.nick ?? null;
}

function mentions(content: string, userId: string): boolean {
  return content.includes(`<@${userId}>`) || content.includes(`<@!${userId}>`);
}

function quotedOf(message: RawMessage, botId: string, names: Names): Quote | null {
  const forwarded = message.message_snapshots?.[0]?.message;
  if (forwarded) {
    const text = readText({ ...forwarded, mentions: forwarded.mentions ?? [] }, botId, names);
    return text === '' ? null : { author: '?', text };
  }
  const quoted = message.referenced_message;
  if (!quoted) return null;
  const text = readText(quoted, botId, names);
  return text === '' ? null : quoteFrom(quoted.author.id, quoted.id, nameOf(quoted.author), text);
}

function skippedNote(
  message: Pick<APIMessage, 'attachments' | 'embeds' | 'sticker_items' | 'poll'>,
  language: Language,
): string {
  const say = sentencesIn(language);
  const skipped = [
    ...(message.attachments ?? []).map(({ filename }) => say.file(filename)),
    ...(message.sticker_items ?? []).map(({ name }) => say.sticker(name)),
    // A link's preview says nothing that the link does not.
    ...(message.embeds ?? []).filter(({ type }) => type === 'rich').map(() => say.embed),
    ...(message.poll ? [say.poll] : []),
  ];
  return skipped.length === 0 ? '' : say.skipped(skipped);
}
