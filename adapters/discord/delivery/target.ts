import { z } from 'zod';
import type { Language } from '../../../src/domain/settings.js';
import { MINUTE_MS } from '../../../src/domain/time/duration.js';
import type { DeliveryTarget } from '../../../src/domain/turn.js';

const LanguageSchema = z.enum(['en', 'zh']) satisfies z.ZodType<Language>;

/** As `shownQuestion` gives it, to stand above the reply. */
const QuestionSchema = z.string().exactOptional();

const MessageTarget = z.object({
  platform: z.literal('discord'),
  type: z.literal('message'),
  channelId: z.string(),
  /** The message to answer; null where there is none (an interaction that came too late). */
  messageId: z.string().nullable(),
  askerId: z.string(),
  language: LanguageSchema,
  question: QuestionSchema,
});

const InteractionTarget = z.object({
  platform: z.literal('discord'),
  type: z.literal('interaction'),
  applicationId: z.string(),
  interactionId: z.string(),
  /** "Thinking…" stands where the reply will be. */
  awaited: z.boolean().default(false),
  /** What answers the interaction until `expiresAt`, milliseconds since 1970. Gone some time after that. */
  credential: z.object({ token: z.string(), expiresAt: z.number() }).exactOptional(),
  channelId: z.string(),
  /** The bot itself may read and write in the channel, without the interaction. */
  mayPost: z.boolean(),
  /** Follow-ups Discord takes; null: no limit. */
  followUps: z.number().nullable(),
  askerId: z.string(),
  language: LanguageSchema,
  question: QuestionSchema,
});

/** Where a reply on Discord goes. */
export const DiscordTarget = z.discriminatedUnion('type', [MessageTarget, InteractionTarget]);
export type DiscordTarget = z.infer<typeof DiscordTarget>;
export type MessageTarget = z.infer<typeof MessageTarget>;
export type InteractionTarget = z.infer<typeof InteractionTarget>;

/** An interaction that its token still answers. */
export type LiveInteraction = InteractionTarget & { readonly token: string };

/** An interaction's token lives 15 minutes. */
export const TOKEN_LIFE_MS = 15 * MINUTE_MS;
/** Follow-ups of an app that only a person installed. */
export const USER_INSTALL_FOLLOW_UPS = 5;

/** @throws {z.ZodError} where the target was made by another adapter or another version: a bug */
export function readTarget(target: DeliveryTarget): DiscordTarget {
  return DiscordTarget.parse(target);
}
