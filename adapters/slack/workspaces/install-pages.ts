import type { ServerResponse } from 'node:http';
import type { HTTPReceiverOptions } from '@slack/bolt';

type InstallerOptions = NonNullable<HTTPReceiverOptions['installerOptions']>;
type Pages = Pick<InstallerOptions, 'callbackOptions' | 'installPathOptions'>;

/** What a person did wrong, by the code of Slack's library; the rest is between Slack and us. */
const REFUSALS: ReadonlyMap<string, readonly [status: number, said: string]> = new Map([
  ['slack_oauth_missing_state', [400, 'Slack sent nothing along. Begin again on the page of the app.']],
  ['slack_oauth_invalid_state', [400, 'This link is too old, or another browser began. Begin again.']],
  ['slack_oauth_missing_code', [400, 'Slack sent nothing along. Begin again on the page of the app.']],
  ['slack_oauth_installer_authorization_error', [403, 'Nothing was installed: it was not agreed to.']],
]);
const FAILED = [500, 'The app was not installed. Whoever runs it finds the reason in its log.'] as const;

/**
 * The pages that a person sees while they install the app. Nothing of a request, or of what Slack said, is in them, and
 * they lead nowhere but to Slack.
 */
export const INSTALL_PAGES: Pages = {
  installPathOptions: {
    beforeRedirection: async (_request, response) => {
      setHeaders(response);
      return true;
    },
  },
  callbackOptions: {
    success: (_installation, _options, _request, response) =>
      send(response, 200, 'The app is installed. <a href="slack://open">Back to Slack</a>'),
    failure: ({ code }, _options, _request, response) => send(response, ...(REFUSALS.get(code) ?? FAILED)),
  },
};

/** The address of such a page holds a code of Slack's: nobody else is to be told it. */
function setHeaders(response: ServerResponse): void {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-content-type-options', 'nosniff');
}

function send(response: ServerResponse, status: number, said: string): void {
  setHeaders(response);
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><title>Parley</title><p>${said}</p></html>`);
}
