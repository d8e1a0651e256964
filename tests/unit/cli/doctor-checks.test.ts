import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { discordCheck } from '../../../src/cli/doctor/check-discord.js';
import { huggingFaceCheck, openaiCheck } from '../../../src/cli/doctor/check-hosted.js';
import { compareVersions, type MachineFacts, machineChecks } from '../../../src/cli/doctor/check-machine.js';
import { gpuCheck } from '../../../src/cli/doctor/check-models.js';
import { redisCheck } from '../../../src/cli/doctor/check-redis.js';
import { judgeScopes, slackCheck } from '../../../src/cli/doctor/check-slack.js';
import { databaseCheck, dataFolderCheck } from '../../../src/cli/doctor/check-storage.js';
import type { Check } from '../../../src/cli/doctor/finding.js';
import { runChecks } from '../../../src/cli/doctor/run-checks.js';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { type JsonAnswer, JsonServer } from '../../doubles/json-server.js';
import { RedisInfoServer } from '../../doubles/redis-info-server.js';

const open: { stop(): Promise<void> }[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'doctor-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;

/** `state text` of each finding, and what mends it. */
async function told(check: Check): Promise<string[]> {
  const findings = await check.run(signal);
  for (const { state, mend } of findings) expect(mend === undefined).toBe(state === 'ok');
  return findings.map(({ state, text, mend }) => `${state} ${text}${mend === undefined ? '' : ` → ${mend}`}`);
}

async function api(answers: Record<string, JsonAnswer | null>): Promise<JsonServer> {
  const server = await JsonServer.start(answers);
  open.push(server);
  return server;
}

/** Where a server was a moment ago. */
async function nobody(): Promise<string> {
  const server = await JsonServer.start({});
  const { url } = server;
  await server.stop();
  return url;
}

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

test.each([
  [{ redis_version: '7.2.4', maxmemory_policy: 'noeviction' }, [/^ok 7\.2\.4/]],
  [{ redis_version: '6.0.16', maxmemory_policy: 'noeviction' }, [/^warn 6\.0\.16 works/]],
  [{ redis_version: '4.0.0' }, [/^fail 4\.0\.0 is too old/]],
  [{ redis_version: '7.2.4', maxmemory_policy: 'allkeys-lru' }, [/^ok/, /^warn .*allkeys-lru.*noeviction/]],
])('a Redis that says %j', async (fields, expected) => {
  const server = await RedisInfoServer.start(fields);
  open.push(server);
  const findings = await told(redisCheck(server.url));
  expect(findings).toEqual(expected.map((words) => expect.stringMatching(words)));
});

test('a Redis out of reach', async () => {
  expect((await told(redisCheck((await nobody()).replace('http', 'redis')))).join()).toMatch(
    /^fail cannot be used \(ECONNREFUSED\).*REDIS_URL/,
  );
});

test('a data folder that can be written to, and one that cannot', async () => {
  const inside = path.join(folder, 'new', 'data');
  expect(await told(dataFolderCheck(inside))).toEqual([`ok ${inside} can be written to`]);
  await writeFile(path.join(folder, 'file'), '');
  expect((await told(dataFolderCheck(path.join(folder, 'file', 'data')))).join()).toMatch(
    /^fail .*ENOTDIR.*PARLEY_DATA_DIR/,
  );
});

test.skipIf(process.platform === 'win32')('a data folder that others can read', async () => {
  await chmod(folder, 0o755);
  expect((await told(dataFolderCheck(folder)))[1]).toMatch(/^warn others .* → Run: chmod 700/);
});

test('a database that opens, does not, or belongs to a running Parley', async () => {
  const stopped: string[] = [];
  const stop = async () => {
    stopped.push('once');
  };
  const works = databaseCheck('PostgreSQL', async () => ({ stop }));
  expect(await told(works)).toEqual(['ok PostgreSQL opens, and its tables are up to date']);
  expect(stopped).toEqual(['once']);
  const refuses = (message: string) =>
    databaseCheck('it', async () => {
      throw new ExpectedFailure('setup', message);
    });
  expect((await told(refuses('the database is newer than this build'))).join()).toMatch(
    /^fail the database is newer/,
  );
  expect((await told(refuses('data folder x already in use by process 7: stop'))).join()).toMatch(
    /^warn .*process 7/,
  );
});

const MACHINE: MachineFacts = {
  nodeVersion: '22.1.0',
  nodeFloor: '20.19',
  cores: 4,
  memoryBytes: 16e9,
  diskFreeBytes: 100e9,
};

async function machine(facts: Partial<MachineFacts>, threads: { alias: string; threads: number }[] = []) {
  const findings = await Promise.all(
    machineChecks(async () => ({ ...MACHINE, ...facts }), threads).map(told),
  );
  return findings.flat();
}

test('a machine that is all right', async () => {
  expect((await machine({})).map((line) => line.slice(0, 3))).toEqual(['ok ', 'ok ', 'ok ', 'ok ']);
});

test.each([
  [{ nodeVersion: '20.18.3' }, /^fail 20\.18\.3 is too old/],
  [{ nodeVersion: '18.0.0' }, /^fail/],
  [{ memoryBytes: 1e9 }, /^warn 1\.0 GB/],
  [{ diskFreeBytes: 5e8 }, /^warn 0\.5 GB free/],
])('a machine with %j', async (facts, words) => {
  expect(await machine(facts)).toContainEqual(expect.stringMatching(words));
});

test('more threads than cores', async () => {
  const findings = await machine({ cores: 2 }, [
    { alias: 'coder', threads: 8 },
    { alias: 'tiny', threads: 2 },
  ]);
  expect(findings.at(-1)).toMatch(/^warn coder asks for 8 threads where there are 2 cores.*to 2 at most/);
});

test('versions are compared by number', () => {
  expect(compareVersions('20.9.0', '20.19')).toBeLessThan(0);
  expect(compareVersions('20.19.0', '20.19')).toBe(0);
  expect(compareVersions('21.0.0-nightly', '20.19.1')).toBeGreaterThan(0);
});

test('the GPU that is asked for, found or missing', async () => {
  const having =
    (...kinds: (string | false)[]) =>
    async () =>
      kinds;
  expect(await told(gpuCheck('off', having('cuda')))).toEqual(['ok turned off by the configuration']);
  expect(await told(gpuCheck('auto', having('vulkan', false)))).toEqual(['ok can use vulkan']);
  expect(await told(gpuCheck('auto', having(false)))).toEqual(['ok none: models run on the CPU']);
  expect((await told(gpuCheck('cuda', having('vulkan')))).join()).toMatch(/^fail cuda is asked for/);
});

test('checks end in time, in order, and none takes the others down', async () => {
  const clock = new FakeClock();
  const checks: Check[] = [
    { name: 'hangs', run: () => new Promise(() => {}) },
    { name: 'throws', run: async () => Promise.reject(new TypeError('oops')) },
    { name: 'works', run: async () => [{ state: 'ok', text: 'fine' }] },
  ];
  const results = (async () => {
    const seen = [];
    for await (const result of runChecks(checks, { clock, limitMs: 1000, signal })) seen.push(result);
    return seen;
  })();
  await clock.advance(1000);
  expect(await results).toMatchObject([
    { name: 'hangs', findings: [{ state: 'fail', text: 'no answer within 1 s' }] },
    { name: 'throws', findings: [{ state: 'fail', text: 'the check itself failed: oops' }] },
    { name: 'works', findings: [{ state: 'ok' }] },
  ]);
});

test('a hanging API is left when its time is over', async () => {
  const server = await api({ '/v1/models': null });
  const controller = new AbortController();
  const running = openaiCheck(`${server.url}/v1`, null, []).run(controller.signal);
  controller.abort(new Error('over'));
  await expect(running).rejects.toThrow('over');
});
