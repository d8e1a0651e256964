import { z } from 'zod';
import { HOUR_MS } from '../../../src/domain/time/duration.js';
import { ApiError, invalidBody } from './api-error.js';
import type { Call, Routes } from './call.js';
import { AllowedMentions, pingsOf } from './mentions.js';
import { NONCE_MEMORY_MS, renderChannel, renderMessage } from './render.js';
import type { DoubleChannel, DoubleMessage } from './world.js';

export const MessageBody = z.looseObject({
  content: z.string().nullish(),
  nonce: z.union([z.string(), z.number()]).nullish(),
  enforce_nonce: z.boolean().nullish(),
  allowed_mentions: AllowedMentions.nullish(),
  components: z.array(z.unknown()).nullish(),
  flags: z.number().nullish(),
  message_reference: z
    .looseObject({ message_id: z.string(), fail_if_not_exists: z.boolean().nullish() })
    .nullish(),
});
export type MessageBody = z.infer<typeof MessageBody>;

export const messageRoutes: Routes = {
  'POST /channels/{channel_id}/messages': (call) => {
    const channel = channelOf(call);
    mayWrite(channel);
    const body = MessageBody.parse(call.body);
    checkContent(body.content ?? '');
    const reference = body.message_reference;
    if (reference && channel.refuses === 160002) throw new ApiError(403, 160002, 'Cannot reply here');
    const replied = reference ? call.world.messages.get(reference.message_id) : undefined;
    const known = replied !== undefined && !replied.deleted && replied.channelId === channel.id;
    if (reference && !known && reference.fail_if_not_exists !== false) {
      throw invalidBody('message_reference', 'MESSAGE_REFERENCE_UNKNOWN_MESSAGE', 'Unknown message');
    }
    const nonce = body.nonce === null || body.nonce === undefined ? null : String(body.nonce);
    const twin = nonce !== null && body.enforce_nonce === true ? sentBefore(call, channel, nonce) : undefined;
    if (twin) return { status: 200, body: renderMessage(call.world, twin, true) };
    channel.archived = false;
    const message = call.world.addMessage({
      channelId: channel.id,
      authorId: call.world.bot.id,
      content: (body.content ?? '').trim(),
      components: numbered(body.components ?? []),
      flags: body.flags ?? 0,
      nonce,
      referenceId: known ? replied.id : null,
      allowedMentions: body.allowed_mentions ?? null,
    });
    call.effects.created(
      message,
      pingsOf(message.content, body.allowed_mentions, known ? replied.authorId : null),
    );
    return { status: 200, body: renderMessage(call.world, message, true) };
  },

  'PATCH /channels/{channel_id}/messages/{message_id}': (call) => {
    const channel = channelOf(call);
    const message = messageOf(call);
    if (channel.refuses === 50001) throw new ApiError(403, 50001, 'Missing Access');
    if (message.authorId !== call.world.bot.id)
      throw new ApiError(403, 50005, "Cannot edit another's message");
    if (channel.archived) throw new ApiError(400, 50083, 'Thread is archived');
    if (call.world.clock.now() - message.createdAt > HOUR_MS && call.oldEditsLeft() <= 0) {
      throw new ApiError(429, 30046, 'Maximum number of edits to messages older than 1 hour reached');
    }
    applyEdit(call, message, MessageBody.parse(call.body));
    return { status: 200, body: renderMessage(call.world, message, true) };
  },

  'DELETE /channels/{channel_id}/messages/{message_id}': (call) => {
    mayWrite(channelOf(call));
    const message = messageOf(call);
    message.deleted = true;
    call.effects.deleted(message);
    return { status: 204 };
  },

  'GET /channels/{channel_id}/messages/{message_id}': (call) => {
    mayRead(channelOf(call));
    return { status: 200, body: renderMessage(call.world, messageOf(call), call.readsContent) };
  },

  'GET /channels/{channel_id}/messages': (call) => {
    const channel = channelOf(call);
    mayRead(channel);
    const page = call.readsHistory ? pageOf(call.world.history(channel.id), call.query) : [];
    return {
      status: 200,
      body: page.map((message) => renderMessage(call.world, message, call.readsContent)),
    };
  },

  'POST /channels/{channel_id}/typing': (call) => {
    mayWrite(channelOf(call));
    return { status: 204 };
  },

  'GET /channels/{channel_id}': (call) => {
    const channel = channelOf(call);
    mayRead(channel);
    return { status: 200, body: renderChannel(call.world, channel) };
  },

  'PATCH /channels/{channel_id}': (call) => {
    const channel = channelOf(call);
    if (channel.locked) throw new ApiError(403, 160005, 'Thread is locked');
    const { archived } = z.looseObject({ archived: z.boolean().optional() }).parse(call.body);
    if (archived !== undefined) channel.archived = archived;
    return { status: 200, body: renderChannel(call.world, channel) };
  },
};

/** @throws {ApiError} 50006 and 50035, which the specification leaves out or gets wrong (it says 4000) */
export function checkContent(content: string): void {
  if (content.length > 2000) {
    throw invalidBody('content', 'BASE_TYPE_MAX_LENGTH', 'Must be 2000 or fewer in length.');
  }
  if (content.trim() === '') throw new ApiError(400, 50006, 'Cannot send an empty message');
}

/** Gives each component the number Discord gives it. */
export function numbered(components: readonly unknown[]): readonly unknown[] {
  let next = 1;
  const number = (component: unknown): unknown => {
    const read = z.looseObject({ components: z.array(z.unknown()).optional() }).parse(component);
    const id = next++;
    return read.components ? { ...read, id, components: read.components.map(number) } : { ...read, id };
  };
  return components.map(number);
}

/** Changes a message; what the text names is evaluated again with what this edit allows. */
export function applyEdit(call: Call, message: DoubleMessage, body: MessageBody): void {
  const content = body.content === undefined ? message.content : (body.content ?? '');
  checkContent(content);
  const changed = content.trim() !== message.content;
  message.content = content.trim();
  message.loading = false;
  message.editedAt = call.world.clock.now();
  message.allowedMentions = body.allowed_mentions ?? null;
  if (body.components) message.components = numbered(body.components);
  if (body.flags !== undefined && body.flags !== null) message.flags = body.flags;
  message.versions.push(message.content);
  const pings = changed ? pingsOf(message.content, body.allowed_mentions, null) : [];
  call.effects.edited(message, pings);
}

/** At most `limit` messages, the newest first. With `after` Discord gives the oldest ones, else the newest. */
function pageOf(history: readonly DoubleMessage[], query: URLSearchParams): DoubleMessage[] {
  const limit = Number(query.get('limit') ?? '50');
  if (!(limit >= 1 && limit <= 100))
    throw invalidBody('limit', 'NUMBER_TYPE_MAX', 'int value should be 1 to 100.');
  const sorted = history.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  const after = query.get('after');
  const before = query.get('before');
  if (after !== null) {
    const later = sorted.filter(({ id }) => BigInt(id) > BigInt(after));
    return later.slice(0, limit).reverse();
  }
  const earlier = before === null ? sorted : sorted.filter(({ id }) => BigInt(id) < BigInt(before));
  return earlier.slice(-limit).reverse();
}

function sentBefore(call: Call, channel: DoubleChannel, nonce: string): DoubleMessage | undefined {
  const since = call.world.clock.now() - NONCE_MEMORY_MS;
  return call.world
    .history(channel.id)
    .find(
      (message) =>
        message.nonce === nonce && message.createdAt >= since && message.authorId === call.world.bot.id,
    );
}

function channelOf(call: Call): DoubleChannel {
  const channel = call.world.channels.get(call.params['channel_id'] ?? '');
  if (!channel || channel.deleted) throw new ApiError(404, 10003, 'Unknown Channel');
  if (!call.world.botIsIn(channel)) throw new ApiError(403, 50001, 'Missing Access');
  return channel;
}

function messageOf(call: Call): DoubleMessage {
  const message = call.world.messages.get(call.params['message_id'] ?? '');
  const here =
    message && !message.deleted && !message.ephemeral && message.channelId === call.params['channel_id'];
  if (!here) throw new ApiError(404, 10008, 'Unknown Message');
  return message;
}

function mayRead(channel: DoubleChannel): void {
  if (channel.refuses === 50001) throw new ApiError(403, 50001, 'Missing Access');
}

function mayWrite(channel: DoubleChannel): void {
  if (channel.refuses !== null && channel.refuses !== 160002) {
    throw new ApiError(403, channel.refuses, 'Missing Permissions');
  }
  if (channel.locked) throw new ApiError(403, 160005, 'Thread is locked');
}
