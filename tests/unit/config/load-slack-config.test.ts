import { expect, test } from 'vitest';
import { withConfigFolder } from './config-folder.js';

const { load, problemsOf, yaml } = withConfigFolder();

test('takes Slack over Socket Mode before HTTP', async () => {
  const base = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'abc' };
  expect((await load({ ...base, SLACK_PORT: '3005' })).slack?.receiver).toEqual({
    mode: 'http',
    signingSecret: 'abc',
    port: 3005,
  });
  expect((await load({ ...base, SLACK_APP_TOKEN: 'xapp-1' })).slack?.receiver).toEqual({
    mode: 'socket',
    appToken: 'xapp-1',
  });
});

const SEVERAL = {
  SLACK_CLIENT_ID: '1.2',
  SLACK_CLIENT_SECRET: 'secret',
  SLACK_SIGNING_SECRET: 'abc',
  PARLEY_ENCRYPTION_KEY: `${'A'.repeat(43)}=, ${'0f'.repeat(32)}`,
};

test('takes Slack in several workspaces by OAuth', async () => {
  expect((await load(SEVERAL)).slack).toEqual({
    workspaces: 'several',
    oauth: { clientId: '1.2', clientSecret: 'secret', stateSecret: null, mayInstall: 'everyone' },
    encryptionKeys: [`${'A'.repeat(43)}=`, '0f'.repeat(32)],
    apiUrl: 'https://slack.com/api',
    receiver: { mode: 'http', signingSecret: 'abc', port: 3001 },
  });
  await yaml('slack: { mayInstall: [T0123, E0456] }\n');
  expect((await load(SEVERAL)).slack).toMatchObject({ oauth: { mayInstall: ['T0123', 'E0456'] } });
});

test('takes Slack in one workspace or in several, not both, and the latter over HTTP', async () => {
  expect(await problemsOf({ ...SEVERAL, SLACK_BOT_TOKEN: 'xoxb-1' })).toContain('for one workspace, or');
  expect(await problemsOf({ ...SEVERAL, SLACK_APP_TOKEN: 'xapp-1' })).toContain('events come over HTTP');
  await yaml('slack: { mayInstall: [acme] }\n');
  expect(await problemsOf(SEVERAL)).toContain('a team id T…');
});
