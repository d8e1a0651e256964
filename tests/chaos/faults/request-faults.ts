import { setTimeout as delay } from 'node:timers/promises';
import type { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { FaultAction } from '../../doubles/discord/faults.js';
import type { Fault as SlackFault } from '../../doubles/slack/api-server.js';
import type { SlackDouble } from '../../doubles/slack/slack-double.js';
import type { Random } from '../random.js';

/** Past every patience of a client. */
const HANG_MS = 17_000;
/** A request taken up so late that its client has gone would overwrite newer text, and nothing could tell. */
const NEVER = new Promise<never>(() => {});

const DISCORD_ROUTES = [
  'POST /channels/{channel_id}/messages',
  'POST /channels/{channel_id}/messages',
  'PATCH /channels/{channel_id}/messages/{message_id}',
  'POST /channels/{channel_id}/typing',
] as const;

const DISCORD_FAULTS: readonly ((random: Random) => FaultAction)[] = [
  (random) => ({ type: 'status', status: random.pick([500, 502, 503, 504] as const) }),
  (random) => ({ type: 'status', status: random.pick([500, 502, 504] as const), applied: true }),
  () => ({ type: 'drop-socket' }),
  () => ({ type: 'drop-socket', applied: true }),
  () => ({ type: 'drop-socket', applied: true }),
  (random) => ({
    type: 'rate-limit',
    retryAfter: random.between(2, 20) / 10,
    scope: random.pick(['user', 'shared', 'global'] as const),
    bare: random.chance(0.2),
  }),
  () => ({ type: 'hold', until: NEVER }),
  () => ({ type: 'hold', until: delay(HANG_MS, undefined, { ref: false }), applied: true }),
];

const SLACK_METHODS = [
  'chat.postMessage',
  'chat.postMessage',
  'chat.update',
  'chat.startStream',
  'chat.appendStream',
  'chat.stopStream',
  'conversations.replies',
  'conversations.history',
] as const;

const SLACK_FAULTS: readonly ((random: Random) => SlackFault)[] = [
  (random) => ({ type: 'status', status: random.pick([500, 502, 503]) }),
  (random) => ({ type: 'status', status: random.pick([500, 502, 504]), applied: true }),
  () => ({ type: 'drop' }),
  () => ({ type: 'lose-answer' }),
  () => ({ type: 'lose-answer' }),
  (random) => ({ type: 'rate-limit', ...(random.chance(0.7) ? { retryAfter: 1 } : {}) }),
  () => ({ type: 'html' }),
  () => ({ type: 'hang' }),
];

/** Lets one of the next requests of a bot to Discord go wrong. */
export function spoilDiscordRequest(discord: DiscordDouble, random: Random): void {
  const action = random.pick(DISCORD_FAULTS)(random);
  discord.fail({ on: random.pick(DISCORD_ROUTES), action, after: random.between(0, 3) });
}

/** Lets one of the next calls of an app to Slack go wrong. */
export function spoilSlackCall(slack: SlackDouble, random: Random): void {
  slack.fail(random.pick(SLACK_METHODS), random.pick(SLACK_FAULTS)(random));
}
