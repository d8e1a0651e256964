/** What the app asks a workspace for; docs/slack-app-manifest.yaml lists the same. */
export const SLACK_SCOPES: readonly string[] = [
  'app_mentions:read',
  'assistant:write',
  'channels:history',
  'chat:write',
  'commands',
  'files:read',
  'groups:history',
  'im:history',
  'mpim:history',
  'users:read',
];
