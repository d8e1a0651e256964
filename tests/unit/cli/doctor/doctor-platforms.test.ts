import { afterEach, expect, test } from 'vitest';
import { discordCheck } from '../../../../src/cli/doctor/check-discord.js';
import { huggingFaceCheck, openaiCheck } from '../../../../src/cli/doctor/check-hosted.js';
import { judgeScopes, slackCheck } from '../../../../src/cli/doctor/check-slack.js';
import { slackWorkspacesCheck } from '../../../../src/cli/doctor/check-slack-workspaces.js';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import type { InstallationStore } from '../../../../src/ports/settings/installation-store.js';
import type { JsonAnswer } from '../../../doubles/servers/json-server.js';
import { api, nobody, stopAll, told } from './doctor-fixture.js';

afterEach(stopAll);

const DISCORD = {
  '/api/v10/users/@me': { body: { id: '1', username: 'parley', bot: true } },
  '/api/v10/applications/@me': { body: { id: '42', flags: 1 << 19 } },
  '/api/v10/users/@me/guilds': { body: [{ id: '7' }] },
  '/api/v10/gateway/bot': { body: { session_start_limit: { total: 1000, remaining: 999 } } },
};

async function discord(changes: Record<string, JsonAnswer> = {}) {
  const server = await api({ ...DISCORD, ...changes });
  return {
    server,
    findings: await told(discordCheck({ token: 'the.bot.token', apiUrl: `${server.url}/api` })),
  };
}

test('a Discord bot that is all right', async () => {
  const { server, findings } = await discord();
  expect(findings).toEqual(['ok signed in as parley']);
  expect(server.requests.every(({ headers }) => headers.authorization === 'Bot the.bot.token')).toBe(true);
});

test('a Discord bot without the message-content intent, servers, or starts', async () => {
  const { findings } = await discord({
    '/api/v10/applications/@me': { body: { id: '42', flags: 1 << 15 } },
    '/api/v10/users/@me/guilds': { body: [] },
    '/api/v10/gateway/bot': { body: { session_start_limit: { total: 1000, remaining: 3 } } },
  });
  expect(findings).toHaveLength(4);
  expect(findings[1]).toMatch(/^warn .*message-content intent.*applications\/42\/bot/);
  expect(findings[2]).toMatch(/^warn .*in no server yet.*client_id=42&scope=bot\+applications\.commands/);
  expect(findings[3]).toMatch(/^warn .*3 more times today/);
});

test.each([
  [{ status: 401 }, /^fail the token is refused .*Reset Token/],
  [{ status: 502 }, /^fail .*answers 502/],
  [{ body: '<html>' }, /^fail .*in place of the bot/],
])('a Discord API that answers %j', async (answer, words) => {
  const { findings } = await discord({ '/api/v10/users/@me': answer });
  expect(findings.join()).toMatch(words);
});

test('a Discord API out of reach', async () => {
  const findings = await told(discordCheck({ token: 'x', apiUrl: await nobody() }));
  expect(findings.join()).toMatch(/^fail .*cannot be reached \(ECONNREFUSED\)/);
});

const SCOPES =
  'app_mentions:read,chat:write,im:history,commands,channels:history,groups:history,mpim:history,users:read,assistant:write';

async function slack(changes: Record<string, JsonAnswer> = {}) {
  const server = await api({
    '/api/auth.test': {
      headers: { 'x-oauth-scopes': SCOPES },
      body: { ok: true, team: 'Acme', user: 'parley' },
    },
    '/api/apps.connections.open': { body: { ok: true, url: 'wss://x' } },
    ...changes,
  });
  return told(
    slackCheck({
      workspaces: 'one',
      botToken: 'xoxb-1',
      apiUrl: `${server.url}/api`,
      receiver: { mode: 'socket', appToken: 'xapp-1' },
    }),
  );
}

test('a Slack app that is all right', async () => {
  expect(await slack()).toEqual(['ok signed in as parley of Acme', 'ok the app token opens Socket Mode']);
});

test('Slack tokens that are refused, or lack a scope', async () => {
  const refused = await slack({ '/api/auth.test': { body: { ok: false, error: 'invalid_auth' } } });
  expect(refused).toEqual([
    expect.stringMatching(/^fail the bot token is refused \(invalid_auth\) .*SLACK_BOT_TOKEN/),
  ]);
  const app = await slack({
    '/api/apps.connections.open': { body: { ok: false, error: 'not_allowed_token_type' } },
  });
  expect(app.at(-1)).toMatch(/^fail the app token is refused \(not_allowed_token_type\).*connections:write/);
});

/** Installations by workspace: a token, or why it cannot be read. */
async function slackWorkspaces(
  installed: Record<string, string | ExpectedFailure>,
  changes: Record<string, JsonAnswer> = {},
) {
  const server = await api({
    '/api/oauth.v2.access': { body: { ok: false, error: 'invalid_code' } },
    '/api/auth.test': { headers: { 'x-oauth-scopes': SCOPES }, body: { ok: true } },
    ...changes,
  });
  const key = (workspace: string) => ({ platform: 'slack', app: 'A1', workspace }) as const;
  const store: InstallationStore = {
    save: async () => {},
    list: async () => Object.keys(installed).map(key),
    find: async ({ workspace }) => {
      const token = installed[workspace];
      if (token instanceof ExpectedFailure) throw token;
      if (token === undefined) return null;
      return { ...key(workspace), name: workspace, token, details: {}, installedAt: new Date() };
    },
    remove: async () => false,
    renewEncryption: async () => 0,
  };
  const check = slackWorkspacesCheck(
    {
      workspaces: 'several',
      oauth: { clientId: '1.2', clientSecret: 'the-secret', stateSecret: null, mayInstall: 'everyone' },
      encryptionKeys: [],
      apiUrl: `${server.url}/api`,
      receiver: { mode: 'http', signingSecret: 's', port: 3001 },
    },
    (look) => look(store),
  );
  return { server, findings: await told(check) };
}

test('a Slack app that several workspaces installed, all right', async () => {
  const { server, findings } = await slackWorkspaces({ T1: 'xoxb-1', T2: 'xoxb-2' });
  expect(findings).toEqual([
    'ok the client id and the client secret belong together',
    'ok events are taken on port 3001, path /slack/events',
    'ok 2 installed the app',
  ]);
  const asked = server.requests.map(({ headers }) => headers.authorization);
  expect(asked).toEqual([undefined, 'Bearer xoxb-1', 'Bearer xoxb-2']);
});

test.each([
  ['invalid_client_id', /fail Slack does not know SLACK_CLIENT_ID/],
  ['bad_client_secret', /fail SLACK_CLIENT_SECRET is not that of SLACK_CLIENT_ID/],
  ['ratelimited', /warn .*could not be tried \(ratelimited\)/],
])('Slack credentials that answer %s', async (error, words) => {
  const { findings } = await slackWorkspaces({}, { '/api/oauth.v2.access': { body: { ok: false, error } } });
  expect(findings.join()).toMatch(words);
  expect(findings.join()).toContain('no workspace has installed the app yet');
});

test('installations whose token is refused, lacks a scope, or cannot be decrypted', async () => {
  const unreadable = new ExpectedFailure('setup', 'the stored secret of T3 was encrypted with key 1a2b3c4d');
  const { findings } = await slackWorkspaces(
    { T1: 'xoxb-1', T3: unreadable },
    { '/api/auth.test': { headers: { 'x-oauth-scopes': 'commands' }, body: { ok: true } } },
  );
  expect(findings.join('\n')).toMatch(/fail T1: the bot token lacks app_mentions:read/);
  expect(findings.join('\n')).toMatch(/fail .*encrypted with key 1a2b3c4d → .*PARLEY_ENCRYPTION_KEY/);
  const refused = await slackWorkspaces(
    { T1: 'xoxb-1' },
    { '/api/auth.test': { body: { ok: false, error: 'account_inactive' } } },
  );
  expect(refused.findings.join()).toMatch(/fail the token of T1 is refused \(account_inactive\)/);
});

test('each missing Slack scope is told with what it is for', () => {
  const findings = judgeScopes('chat:write,commands,channels:history');
  expect(findings[0]).toMatchObject({
    state: 'fail',
    text: 'the bot token lacks app_mentions:read, im:history',
  });
  expect(findings.slice(1).map(({ state }) => state)).toEqual(['warn', 'warn', 'warn', 'warn']);
  expect(judgeScopes(SCOPES)).toEqual([]);
  expect(judgeScopes(null)).toEqual([]);
});

test('a Hugging Face token', async () => {
  const good = await api({ '/api/whoami-v2': { body: { name: 'ada' } } });
  expect(await told(huggingFaceCheck({ token: 'hf', hubUrl: good.url }))).toEqual(['ok signed in as ada']);
  const bad = await api({ '/api/whoami-v2': { status: 401 } });
  expect((await told(huggingFaceCheck({ token: 'hf', hubUrl: bad.url }))).join()).toMatch(
    /^fail the token is refused/,
  );
});

test('an OpenAI-compatible server, its key and its models', async () => {
  const server = await api({ '/v1/models': { body: { data: [{ id: 'qwen' }] } } });
  const entries = [
    { alias: 'house', model: 'qwen' },
    { alias: 'other', model: 'llama' },
  ];
  expect(await told(openaiCheck(`${server.url}/v1`, 'key', entries))).toEqual([
    'ok offers 1 models',
    'warn it does not list llama, which other asks for → Set name of other to one of: qwen.',
  ]);
  expect((await told(openaiCheck(server.url, null, []))).join()).toMatch(/^warn .*answers 404.*ends in \/v1/);
  const closed = await api({ '/v1/models': { status: 401 } });
  expect((await told(openaiCheck(`${closed.url}/v1`, null, []))).join()).toMatch(/^fail the key is refused/);
});

test('a token follows no redirect', async () => {
  const thief = await api({ '/v1/models': { body: { data: [] } } });
  const server = await api({
    '/v1/models': { status: 302, headers: { location: `${thief.url}/v1/models` } },
  });
  await told(openaiCheck(`${server.url}/v1`, 'key', []));
  expect(thief.requests).toEqual([]);
});

test('a hanging API is left when its time is over', async () => {
  const server = await api({ '/v1/models': null });
  const controller = new AbortController();
  const running = openaiCheck(`${server.url}/v1`, null, []).run(controller.signal);
  controller.abort(new Error('over'));
  await expect(running).rejects.toThrow('over');
});
