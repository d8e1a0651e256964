import { z } from 'zod';
import type { Language } from '../../src/domain/settings.js';
import type { DeliveryTarget } from '../../src/domain/turn.js';

const LanguageSchema = z.enum(['en', 'zh']) satisfies z.ZodType<Language>;

const MessageTarget = z.object({
  platform: z.literal('discord'),
  type: z.literal('message'),
  channelId: z.string(),
  /** The message to answer; null where there is none (an interaction that came too late). */
  messageId: z.string().nullable(),
  askerId: z.string(),
  language: LanguageSchema,
});

const InteractionTarget = z.object({
  platform: z.literal('discord'),
  type: z.literal('interaction'),
  applicationId: z.string(),
  interactionId: z.string(),
  token: z.string(),
  /** Milliseconds since 1970 after which Discord refuses the token. */
  expiresAt: z.number(),
  channelId: z.string(),
  /** The bot itself may read and write in the channel, without the interaction. */
  mayPost: z.boolean(),
  /** Follow-ups Discord takes; null: no limit. */
  followUps: z.number().nullable(),
  askerId: z.string(),
  language: LanguageSchema,
});

/** Where a reply on Discord goes. */
export const DiscordTarget = z.discriminatedUnion('type', [MessageTarget, InteractionTarget]);
export type DiscordTarget = z.infer<typeof DiscordTarget>;
export type MessageTarget = z.infer<typeof MessageTarget>;
export type InteractionTarget = z.infer<typeof InteractionTarget>;

/** An interaction's token lives 15 minutes. */
export const TOKEN_LIFE_MS = 15 * 60_000;
/** Follow-ups of an app that only a person installed. */
export const USER_INSTALL_FOLLOW_UPS = 5;

/** @throws {z.ZodError} where the target was made by another adapter or another version: a bug */
export function readTarget(target: DeliveryTarget): DiscordTarget {
  return DiscordTarget.parse(target);
}
