import { z } from 'zod';
import type { Address } from '../../src/domain/address.js';
import { ExpectedFailure } from '../../src/domain/failure.js';
import type { DeliveryTarget } from '../../src/domain/turn.js';

/** Where one thing on Slack was said. */
export interface SlackPlace {
  /** Slack app id, `A…`. */
  readonly app: string;
  /** Team id, `T…`; the enterprise id where an organisation installed the app. */
  readonly team: string;
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
  channel: z.string(),
  /** The thread that replies go to; absent where they stand in the channel itself. */
  thread: z.string().optional(),
  /** Who asked. */
  user: z.string(),
  /** What was asked, where it is a message: replies are younger. */
  message: z.string().optional(),
  /** Where a typed command can be answered for half an hour, even in channels that the bot is not in. */
  responseUrl: z.string().optional(),
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
