import { z } from 'zod';
import type { SeveralSlackWorkspaces } from '../../config/parley-config.js';
import { ExpectedFailure } from '../../domain/failure.js';
import type { InstallationKey, InstallationStore } from '../../ports/settings/installation-store.js';
import { askApi, readBody } from './ask-api.js';
import { judgeScopes } from './check-slack.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** Installations whose tokens are tried: Slack limits auth.test too. */
const TRIED = 20;
const APPS = 'https://api.slack.com/apps';
const CREDENTIALS = `Copy both from ${APPS} → Basic Information → App Credentials.`;
const REINSTALL = 'Let that workspace install the app again, at /slack/install.';

const ANSWER = z.object({ ok: z.boolean(), error: z.string().optional() });

/**
 * The Slack app that several workspaces install: its credentials, and each installation's token.
 *
 * @param withStore - opens the database for the time of `look`; throws {ExpectedFailure} `setup`
 */
export function slackWorkspacesCheck(
  slack: SeveralSlackWorkspaces,
  withStore: <T>(look: (store: InstallationStore) => Promise<T>, signal: AbortSignal) => Promise<T>,
): Check {
  return {
    name: 'Slack',
    async run(signal) {
      const credentials = await tryCredentials(slack, signal);
      const where = ok(`events are taken on port ${slack.receiver.port}, path /slack/events`);
      try {
        const found = await withStore((store) => lookAtInstallations(slack, store, signal), signal);
        return [credentials, where, ...found];
      } catch (error) {
        if (!(error instanceof ExpectedFailure)) throw error;
        // What is wrong with the database is told by its own check.
        return [
          credentials,
          where,
          warn('its installations could not be looked at', 'Stop Parley, and look again.'),
        ];
      }
    },
  };
}

/** Slack looks at the credentials before it looks at the code, which is none. */
async function tryCredentials(
  { apiUrl, oauth }: SeveralSlackWorkspaces,
  signal: AbortSignal,
): Promise<Finding> {
  const { clientId, clientSecret } = oauth;
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, code: 'none' });
  const answer = await askApi(`${apiUrl}/oauth.v2.access`, { body, signal });
  if (answer.type === 'unreachable')
    return fail(
      `${apiUrl} cannot be reached (${answer.reason})`,
      'Let this machine reach it, or mend SLACK_API_URL.',
    );
  const error = readBody(answer, ANSWER)?.error ?? `status ${answer.status}`;
  if (error === 'invalid_code') return ok('the client id and the client secret belong together');
  if (error === 'invalid_client_id') return fail('Slack does not know SLACK_CLIENT_ID', CREDENTIALS);
  if (error === 'bad_client_secret')
    return fail('SLACK_CLIENT_SECRET is not that of SLACK_CLIENT_ID', CREDENTIALS);
  return warn(`the client id and the client secret could not be tried (${error})`, 'Look again later.');
}

async function lookAtInstallations(
  { apiUrl }: SeveralSlackWorkspaces,
  store: InstallationStore,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const installed = await store.list('slack');
  if (installed.length === 0)
    return [warn('no workspace has installed the app yet', 'Open /slack/install of its public address.')];
  const findings: Finding[] = [ok(`${installed.length} installed the app`)];
  for (const key of installed.slice(0, TRIED))
    findings.push(...(await tryInstallation(apiUrl, key, store, signal)));
  return findings;
}

async function tryInstallation(
  apiUrl: string,
  key: InstallationKey,
  store: InstallationStore,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const token = await tokenOf(key, store);
  if (typeof token !== 'string') return token;
  const authorization = `Bearer ${token}`;
  const answer = await askApi(`${apiUrl}/auth.test`, { authorization, body: new URLSearchParams(), signal });
  const test = readBody(answer, ANSWER);
  if (answer.type === 'unreachable' || test === null) return [];
  if (!test.ok)
    return [fail(`the token of ${key.workspace} is refused (${test.error ?? 'no reason given'})`, REINSTALL)];
  return judgeScopes(answer.headers.get('x-oauth-scopes')).map(({ text, ...finding }) => ({
    ...finding,
    text: `${key.workspace}: ${text}`,
    mend: `Add it at ${APPS} → OAuth & Permissions → Scopes. ${REINSTALL}`,
  }));
}

async function tokenOf(key: InstallationKey, store: InstallationStore): Promise<string | readonly Finding[]> {
  try {
    return (await store.find(key))?.token ?? [];
  } catch (error) {
    if (!(error instanceof ExpectedFailure) || error.retryable) throw error;
    return [fail(error.message, `Add that key to PARLEY_ENCRYPTION_KEY, after a comma. Or: ${REINSTALL}`)];
  }
}
