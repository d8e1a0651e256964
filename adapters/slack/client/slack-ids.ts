import { z } from 'zod';
import type { Address } from '../../../src/domain/address.js';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Language } from '../../../src/domain/settings.js';
import type { DeliveryTarget } from '../../../src/domain/turn.js';

/** Where something comes from, and whose token answers it. */
export interface SlackOrigin {
  /** Slack app id, `A…`. */
  readonly app: string;
  /** Team id, `T…`; the enterprise id where Slack names no team. */
  readonly team: string;
  /** Enterprise id, `E…`, where the organisation installed the app for its teams. */
  readonly installation?: string | undefined;
}

/** Equal for places that one token answers in one workspace. */
export function originKey({ app, team, installation }: SlackOrigin): string {
  return `${app}/${installation ?? ''}/${team}`;
}

/** Where one thing on Slack was said. */
export interface SlackPlace extends SlackOrigin {
  readonly channel: string;
  /** Timestamp of the thread's first message. */
  readonly thread?: string | undefined;
}

/**
 * Identity of a message: app, team, channel and timestamp. Slack tells of one mention in two events with different
 * ids; this is what they share.
 */
export function messageKey(place: SlackPlace, ts: string): string {
  return ['slack', place.app, place.team, place.channel, ts].map(encodeURIComponent).join('/');
}

/** Identity of a typed command, which has no timestamp of its own. */
export function commandKey(place: SlackPlace, triggerId: string): string {
  return messageKey(place, `command-${triggerId}`);
}

export function isDirect(channel: string): boolean {
  return channel.startsWith('D');
}

export function addressOf(place: SlackPlace): Address {
  const kind = isDirect(place.channel) ? 'direct' : place.thread === undefined ? 'channel' : 'thread';
  const thread = place.thread === undefined ? {} : { thread: place.thread };
  return {
    platform: 'slack',
    app: place.app,
    workspace: place.team,
    channel: place.channel,
    ...thread,
    kind,
  };
}

/** Unique among all people of all platforms. */
export function authorKey(team: string, user: string): string {
  return `slack/${team}/${user}`;
}

const Target = z.object({
  platform: z.literal('slack'),
  app: z.string(),
  team: z.string(),
  /** The organisation that installed the app; absent where the team itself did. */
  installation: z.string().optional(),
  channel: z.string(),
  /** The thread that replies go to; absent where they stand in the channel itself. */
  thread: z.string().optional(),
  /** Who asked. */
  user: z.string(),
  /** What was asked, where it is a message: replies are younger. */
  message: z.string().optional(),
  /** Where a typed command can be answered for half an hour, even in channels that the bot is not in. */
  credential: z.object({ responseUrl: z.string(), expiresAt: z.number() }).exactOptional(),
  /** Of what the adapter itself says beside the reply; absent in targets of older versions. */
  language: (z.enum(['en', 'zh']) satisfies z.ZodType<Language>).default('en'),
});

/** Where a reply goes, as the source writes it and the delivery reads it. */
export type SlackTarget = z.infer<typeof Target>;

/** @throws {ExpectedFailure} `delivery-failed`, `rejected`, where the target was not written for Slack */
export function readTarget(target: DeliveryTarget): SlackTarget {
  const parsed = Target.safeParse(target);
  if (parsed.success) return parsed.data;
  throw new ExpectedFailure('delivery-failed', 'the delivery target is none of Slack', {
    reason: 'rejected',
  });
}

/** A message's id outside Slack: a timestamp alone is unique in its channel only. */
export function partId(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}

/** @throws {ExpectedFailure} `delivery-failed`, `rejected`, where `id` is none of `partId` */
export function readPartId(id: string): { readonly channel: string; readonly ts: string } {
  const match = /^([A-Z0-9]+)\/(\d+\.\d+)$/.exec(id);
  if (match?.[1] !== undefined && match[2] !== undefined) return { channel: match[1], ts: match[2] };
  throw new ExpectedFailure('delivery-failed', 'the message id is none of Slack', { reason: 'rejected' });
}
