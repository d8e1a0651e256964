import { z } from 'zod';

const File = z.object({
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
});

const Message = z.object({
  ts: z.string(),
  user: z.string().optional(),
  text: z.string().optional(),
  thread_ts: z.string().optional(),
  bot_id: z.string().nullish(),
  subtype: z.string().optional(),
  files: z.array(File).optional(),
});

/** A message inside an event, or in a conversation that was read. */
export type SlackMessage = z.infer<typeof Message>;

const PartMessage = Message.partial({ ts: true });

const MessageEvent = Message.extend({
  type: z.enum(['message', 'app_mention']),
  channel: z.string(),
  channel_type: z.string().optional(),
  message: PartMessage.optional(),
  previous_message: PartMessage.optional(),
  deleted_ts: z.string().optional(),
});

/** What an event says that happened. */
export type MessageHappening =
  | {
      readonly type: 'sent';
      readonly channel: string;
      readonly message: SlackMessage;
      readonly mention: boolean;
    }
  | { readonly type: 'edited'; readonly channel: string; readonly ts: string; readonly text: string }
  | { readonly type: 'deleted'; readonly channel: string; readonly ts: string }
  /** Of the bot itself, of another bot, of Slack, or of no consequence. */
  | { readonly type: 'nothing' };

/** Subtypes in which a person says something. */
const SAID: ReadonlySet<string> = new Set(['file_share', 'me_message', 'thread_broadcast']);
const NOTHING: MessageHappening = { type: 'nothing' };

/**
 * Reads an event of type `message` or `app_mention`.
 *
 * @param self - the bot's own user id
 */
export function readMessageEvent(event: unknown, self: string): MessageHappening {
  const parsed = MessageEvent.safeParse(event);
  if (!parsed.success) return NOTHING;
  const { channel, subtype, message, previous_message: previous, deleted_ts: deletedTs } = parsed.data;
  if (subtype === 'message_changed') return readChange(channel, message, previous, self);
  if (subtype === 'message_deleted') {
    if (deletedTs === undefined || isBot(previous, self)) return NOTHING;
    return { type: 'deleted', channel, ts: deletedTs };
  }
  if ((subtype !== undefined && !SAID.has(subtype)) || isBot(parsed.data, self)) return NOTHING;
  return { type: 'sent', channel, message: parsed.data, mention: parsed.data.type === 'app_mention' };
}

type PartialMessage = z.infer<typeof PartMessage> | undefined;

function readChange(
  channel: string,
  message: PartialMessage,
  previous: PartialMessage,
  self: string,
): MessageHappening {
  if (message?.ts === undefined || isBot(message, self)) return NOTHING;
  // A thread's first message leaves a tombstone when it is deleted.
  if (message.subtype === 'tombstone') {
    return isBot(previous, self) ? NOTHING : { type: 'deleted', channel, ts: message.ts };
  }
  // Slack also tells of a change when it adds the preview of a link.
  if (message.text === undefined || message.text === previous?.text) return NOTHING;
  return { type: 'edited', channel, ts: message.ts, text: message.text };
}

/** A message as conversations.* tell it; null where it is none. */
export function readConversationMessage(message: unknown): SlackMessage | null {
  const parsed = Message.safeParse(message);
  return parsed.success ? parsed.data : null;
}

function isBot(message: PartialMessage, self: string): boolean {
  return Boolean(message?.bot_id) || message?.user === undefined || message.user === self;
}

/** One line for each file that came with a message: their contents are not read. */
export function fileNotes(files: SlackMessage['files']): string {
  return (files ?? [])
    .map((file) => {
      const name = file.name || file.title || 'unnamed';
      return `[a file that was not read: ${name}${file.mimetype ? ` (${file.mimetype})` : ''}]`;
    })
    .join('\n');
}

/** A pressed button of ours. */
export const ButtonPress = z.object({
  api_app_id: z.string(),
  team: z.object({ id: z.string() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  is_enterprise_install: z.boolean().nullish(),
  user: z.object({ id: z.string() }),
  container: z.object({ channel_id: z.string(), message_ts: z.string(), thread_ts: z.string().optional() }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().regex(/^[1-9]\d{0,14}$/) })).min(1),
});

export const TypedCommand = z.object({
  api_app_id: z.string(),
  team_id: z.string().optional(),
  enterprise_id: z.string().optional(),
  /** `true` or `false`. */
  is_enterprise_install: z.string().optional(),
  channel_id: z.string(),
  user_id: z.string(),
  text: z.string().default(''),
  trigger_id: z.string(),
  response_url: z.string().optional(),
});

export const SessionStopped = z.object({
  channel: z.string(),
  user: z.string(),
  thread_ts: z.string(),
  streaming_message_ts: z.array(z.string()).default([]),
});
