/** What the app asks a workspace for, and what it cannot do without each; docs/slack-app-manifest.yaml lists the same. */
const PURPOSES = {
  'app_mentions:read': 'hear that it is mentioned',
  'assistant:write': 'show that it is thinking',
  'channels:history': 'follow threads in public channels',
  'chat:write': 'answer at all',
  commands: 'take commands',
  'files:read': 'read files',
  'groups:history': 'follow threads in private channels',
  'im:history': 'answer direct messages',
  'mpim:history': 'answer in group messages',
  'users:read': 'tell people apart by name',
};

export const SLACK_SCOPES: readonly string[] = Object.keys(PURPOSES);

/**
 * What the bot may not do in a workspace, a sentence for each scope that it lacks.
 *
 * @param has - its token's scopes, from the header `x-oauth-scopes`; null where Slack does not say
 */
export function missingScopes(has: readonly string[] | null, workspace: string): readonly string[] {
  if (has === null) return [];
  return Object.entries(PURPOSES)
    .filter(([scope]) => !has.includes(scope))
    .map(
      ([scope, purpose]) =>
        `In ${workspace} the bot cannot ${purpose}: add the scope ${scope} at https://api.slack.com/apps → OAuth & Permissions → Scopes, and install the app again.`,
    );
}
