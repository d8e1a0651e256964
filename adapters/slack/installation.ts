import type { WebClient } from '@slack/web-api';
import { ExpectedFailure } from '../../src/domain/failure.js';
import { attemptCall } from './attempt-call.js';
import { isDeadToken } from './slack-failure.js';

/** Who the bot is in a workspace that installed it. */
interface Installation {
  readonly botToken: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly teamName: string;
}

/**
 * The installation an event belongs to. One token serves one workspace; where several install the app, this is what
 * reads their tokens from a shared store.
 *
 * @throws {ExpectedFailure} `setup`: `unauthorized` where the token is dead, retryable where Slack is out of reach
 */
export type FindInstallation = (
  team: string | undefined,
  enterprise: string | undefined,
) => Promise<Installation>;

/** The one workspace whose token the operator gave. It is asked for once Slack has answered. */
export function singleInstallation(
  client: WebClient,
  botToken: string,
  onDead: (code: string) => void,
): FindInstallation {
  let known: Promise<Installation> | null = null;
  return () => {
    known ??= askWhoWeAre(client, botToken, onDead).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}

async function askWhoWeAre(
  client: WebClient,
  botToken: string,
  onDead: (code: string) => void,
): Promise<Installation> {
  const result = await attemptCall(() => client.auth.test(), new AbortController().signal);
  if (!result.ok) {
    const { failure } = result;
    if (failure.type === 'refused' && isDeadToken(failure.code)) {
      onDead(failure.code);
      throw new ExpectedFailure('setup', `Slack refuses SLACK_BOT_TOKEN: ${failure.code}`, {
        reason: 'unauthorized',
      });
    }
    const code = failure.type === 'refused' ? failure.code : failure.type;
    throw new ExpectedFailure('setup', `Slack did not say who the bot is: ${code}`, { retryable: true });
  }
  const { user_id: botUserId, bot_id: botId, team } = result.value;
  if (!botUserId || !botId) throw new ExpectedFailure('setup', 'SLACK_BOT_TOKEN is no token of a bot');
  return { botToken, botUserId, botId, teamName: team ?? '' };
}
