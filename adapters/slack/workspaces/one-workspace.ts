import type { WebClient } from '@slack/web-api';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { attemptCall } from '../client/attempt-call.js';
import { type SlackApiOptions, slackClient } from '../client/slack-client.js';
import { isDeadToken } from '../client/slack-failure.js';
import { People } from './people.js';
import { missingScopes } from './scopes.js';
import type { BotIdentity, SlackAccess } from './slack-access.js';

interface OneWorkspace extends BotIdentity {
  readonly teamName: string;
  /** Null where Slack does not say. */
  readonly scopes: readonly string[] | null;
}

/** The one workspace whose token the operator gave. It is asked for once Slack has answered. */
export function oneWorkspace(
  botToken: string,
  api: SlackApiOptions,
  onDead: (code: string) => void,
): SlackAccess {
  const client = slackClient(botToken, api);
  const workspace = { client, people: new People(client, api.log) };
  let known: Promise<OneWorkspace> | null = null;
  const find = () => {
    known ??= askWhoWeAre(client, botToken, onDead).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  /** Asks nobody: where it is not known who the bot is, the adapter is asking already. */
  const peek = async () => (known === null ? null : known.catch(() => null));
  return {
    introduce: async () => (await find()).teamName,
    async authorize() {
      const { botUserId, botId } = await find();
      return { botToken, botUserId, botId };
    },
    workspaceOf: () => workspace,
    async standing() {
      const known = await peek();
      if (known === null) return { reach: null, missing: [] };
      return { reach: 1, missing: missingScopes(known.scopes, known.teamName) };
    },
    uninstalled: async ({ event }) => onDead(event),
  };
}

async function askWhoWeAre(
  client: WebClient,
  botToken: string,
  onDead: (code: string) => void,
): Promise<OneWorkspace> {
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
  const { user_id: botUserId, bot_id: botId, team, response_metadata: metadata } = result.value;
  if (!botUserId || !botId) throw new ExpectedFailure('setup', 'SLACK_BOT_TOKEN is no token of a bot');
  return { botToken, botUserId, botId, teamName: team ?? '', scopes: metadata?.scopes ?? null };
}
