import { DiscordVenue } from '../chaos/discord-venue.js';
import { SlackVenue } from '../chaos/slack-venue.js';
import type { Venue } from '../chaos/talk.js';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';

export type PlatformName = 'Discord' | 'Slack';

/** A platform's double with conversations in it. */
export interface LanePlatform {
  readonly venue: Venue;
  /** For the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Who listens where. */
  readonly ports: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const TALKS = 5;
/** Conversations of both kinds: one in a channel or a thread, and a direct message. */
export const TALKS_TO_STRIKE = [1, 4] as const;
/**
 * Waits before Slack tells of an event again, in ms: shorter than its own, so that a restart is not waited for, and so
 * many that the event is not given up before a busy machine has started the next process. Five minutes.
 */
const SLACK_RETRIES_MS = Array.from({ length: 600 }, () => 500);

export async function openPlatform(name: PlatformName): Promise<LanePlatform> {
  if (name === 'Discord') {
    const discord = await new DiscordDouble().start();
    return {
      venue: new DiscordVenue(discord, TALKS),
      env: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
      ports: { [new URL(discord.apiUrl).port]: name },
      stop: () => discord.stop(),
    };
  }
  const slack = await SlackDouble.start({ retryDelaysMs: SLACK_RETRIES_MS });
  return {
    venue: new SlackVenue(slack, TALKS),
    env: { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, SLACK_API_URL: slack.apiUrl },
    ports: { [new URL(slack.apiUrl).port]: name },
    stop: () => slack.stop(),
  };
}
