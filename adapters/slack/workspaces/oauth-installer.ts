import { createHmac } from 'node:crypto';
import type { HTTPReceiverOptions, Installation } from '@slack/bolt';
import { z } from 'zod';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { cutText } from '../../../src/domain/text/cut-text.js';
import { attemptCall } from '../client/attempt-call.js';
import { type SlackApiOptions, slackClient, slackClientOptions } from '../client/slack-client.js';
import { INSTALL_PAGES } from './install-pages.js';
import type { Installations } from './installations.js';
import { SLACK_SCOPES } from './scopes.js';

/** How workspaces install the app. */
export interface SlackOAuthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs what a browser carries to Slack and back. Null: made of the client secret. */
  readonly stateSecret: string | null;
  /** Team and enterprise ids that may install the app. */
  readonly mayInstall: 'everyone' | readonly string[];
}

export const INSTALL_PATH = '/slack/install';
const REDIRECT_PATH = '/slack/oauth_redirect';

type OAuthReceiverOptions = Pick<
  HTTPReceiverOptions,
  'clientId' | 'clientSecret' | 'stateSecret' | 'scopes' | 'installationStore' | 'installerOptions'
>;

/** What makes Bolt's receiver serve the two pages of an installation. */
export function oauthInstaller(
  oauth: SlackOAuthOptions,
  installations: Installations,
  api: SlackApiOptions,
): OAuthReceiverOptions {
  const { clientId, clientSecret, mayInstall } = oauth;
  return {
    clientId,
    clientSecret,
    stateSecret: oauth.stateSecret ?? createHmac('sha256', clientSecret).update('state').digest('hex'),
    scopes: [...SLACK_SCOPES],
    installationStore: {
      storeInstallation: async (installation) => {
        try {
          await keep(installation, mayInstall, installations, api);
        } catch (error) {
          api.log.warn({ err: error }, 'an installation of the Slack app was refused');
          throw error;
        }
      },
      fetchInstallation: async () => {
        throw new Error('events are authorized elsewhere');
      },
    },
    installerOptions: {
      directInstall: true,
      installPath: INSTALL_PATH,
      redirectUriPath: REDIRECT_PATH,
      authorizationUrl: new URL('/oauth/v2/authorize', api.apiUrl ?? 'https://slack.com').href,
      clientOptions: slackClientOptions(api),
      ...INSTALL_PAGES,
    },
  };
}

const Named = (id: RegExp) => z.object({ id: z.string().regex(id), name: z.string().optional() }).optional();

/** What Slack says of an installation that can be kept. Its ids become names of rows and parts of addresses. */
const Installed = z.object({
  appId: z.string().regex(/^A[A-Z0-9]{1,30}$/),
  isEnterpriseInstall: z.boolean().optional(),
  team: Named(/^T[A-Z0-9]{1,30}$/),
  enterprise: Named(/^E[A-Z0-9]{1,30}$/),
  bot: z.object({
    /** It stands in a header: printable, and of a length that fits there. */
    token: z.string().regex(/^[\x21-\x7e]{1,1000}$/),
    userId: z.string().regex(/^[UW][A-Z0-9]{1,30}$/),
    id: z.string().regex(/^B[A-Z0-9]{1,30}$/),
    refreshToken: z.unknown().optional(),
  }),
});

const NOTHING: Partial<z.infer<typeof Installed>> = {};

/** What people read of a workspace's name. */
const NAME_LENGTH = 200;

async function keep(
  installation: Installation,
  mayInstall: SlackOAuthOptions['mayInstall'],
  installations: Installations,
  api: SlackApiOptions,
): Promise<void> {
  const read = Installed.safeParse(installation);
  const { appId, bot, enterprise, isEnterpriseInstall = false, team } = read.success ? read.data : NOTHING;
  const whose = isEnterpriseInstall ? enterprise : team;
  if (!appId || !bot || !whose) throw new ExpectedFailure('setup', 'Slack installed no bot');
  if (bot.refreshToken !== undefined)
    throw new ExpectedFailure('setup', 'tokens of this Slack app expire: turn token rotation off');
  const { token, userId: botUserId, id: botId } = bot;
  await mustBeOf(token, whose.id, isEnterpriseInstall, api);
  if (mayInstall !== 'everyone' && !mayInstall.includes(whose.id)) {
    await giveBack(token, api);
    throw new ExpectedFailure('setup', `${whose.id} is not in slack.mayInstall of parley.config.yaml`);
  }
  const name = cutText(whose.name ?? '', NAME_LENGTH);
  await installations.save({ app: appId, workspace: whose.id, name, token, details: { botUserId, botId } });
  api.log.info({ workspace: whose.id }, 'a Slack workspace installed the app');
}

/** What Slack says of an installation is one thing, what its token opens another: a token is kept for no other place. */
async function mustBeOf(
  token: string,
  id: string,
  organisation: boolean,
  api: SlackApiOptions,
): Promise<void> {
  const { auth } = slackClient(token, api);
  const tested = await attemptCall(() => auth.test(), new AbortController().signal);
  if (!tested.ok) throw new ExpectedFailure('setup', 'Slack does not say whose the token is');
  const { team_id: team, enterprise_id: enterprise } = tested.value;
  if (team !== id && !(organisation && enterprise === id))
    throw new ExpectedFailure('setup', `the token that Slack gave for ${id} is for another place`);
}

/** A token that is not wanted must not lie around. */
async function giveBack(token: string, api: SlackApiOptions): Promise<void> {
  const result = await attemptCall(
    () => slackClient(token, api).auth.revoke({}),
    new AbortController().signal,
  );
  if (!result.ok) api.log.warn({ failure: result.failure.type }, 'Slack did not take a token back');
}
