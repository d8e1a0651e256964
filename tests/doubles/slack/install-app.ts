import type { SlackDouble } from './slack-double.js';

/** The last page a person saw of an installation. */
export interface InstallationPage {
  readonly status: number;
  readonly text: string;
}

/**
 * A person installs the app in a browser: from the app's page to Slack's, where they agree, and back.
 *
 * @param url - of the app
 * @param organisation - the workspaces it is installed for, where a whole organisation installs it
 */
export async function installApp(
  url: string,
  workspace: SlackDouble,
  organisation: readonly SlackDouble[] = [],
): Promise<InstallationPage> {
  const start = await fetch(`${url}/slack/install`, { redirect: 'manual' });
  const cookie = start.headers.get('set-cookie')?.split(';')[0] ?? '';
  const back = workspace.agreeToInstall(start.headers.get('location') ?? '', organisation);
  const page = await fetch(`${url}/slack/oauth_redirect?${back}`, { headers: { cookie } });
  return { status: page.status, text: await page.text() };
}
