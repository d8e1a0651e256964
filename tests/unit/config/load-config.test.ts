import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.js';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), 'config-'));
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd });
const write = (name: string, text: string) => writeFile(path.join(cwd, name), text);
const yaml = (text: string) => write('parley.config.yaml', text);

async function problemsOf(env: Record<string, string> = {}): Promise<string> {
  const failure = await load(env).then(
    () => {
      throw new Error('the configuration was accepted');
    },
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: 'ExpectedFailure', kind: 'setup', retryable: false });
  return failure instanceof Error ? failure.message : '';
}

test('needs nothing set', async () => {
  const config = await load();
  expect(config).toMatchObject({
    dataDir: path.join(cwd, 'data'),
    discord: null,
    slack: null,
    databaseUrl: null,
    redisUrl: null,
    web: { host: '127.0.0.1', port: 3000, apiKey: null },
    defaultModel: 'auto',
    memory: 'channel',
    logExport: null,
  });
});

test('reads .env, and lets the real environment win', async () => {
  await write('.env', 'PARLEY_PORT=4000\nPARLEY_HOST="localhost"\nLOG_LEVEL=debug\n');
  const config = await load({ PARLEY_PORT: '5000', LOG_LEVEL: '' });
  expect(config.web).toMatchObject({ port: 5000, host: 'localhost' });
  expect(config.logLevel).toBe('debug');
});

test('drops white space around a value, as left by secret files', async () => {
  expect((await load({ DISCORD_TOKEN: 'a.b.c\n' })).discord?.token).toBe('a.b.c');
});

test.each([
  ['PARLEY_PORT', 'http', 'a whole number from 0 to 65535'],
  ['PARLEY_PORT', '70000', 'a whole number from 0 to 65535'],
  ['PARLEY_PORT', 'tcp://10.0.0.1:3000', 'enableServiceLinks: false'],
  ['LOG_LEVEL', 'loud', 'one of trace, debug, info'],
  ['DATABASE_URL', 'mysql://localhost/parley', 'postgresql://'],
  ['REDIS_URL', 'localhost:6379', 'redis://'],
  ['OPENAI_BASE_URL', 'localhost:8000', 'http://127.0.0.1:8000/v1'],
  ['DISCORD_TOKEN', 'Bot abc.def.ghi', 'without the word "Bot"'],
  ['SLACK_BOT_TOKEN', 'xoxp-12345678', 'xoxb-'],
  ['PARLEY_API_KEY', 'short', 'at least 8'],
  ['PARLEY_HOST', '0.0.0.0', 'set PARLEY_API_KEY'],
  ['LOGGING_URL', 'http://logs.example.org', 'should be https'],
  ['PARLEY_MODEL', 'smal', 'did you mean small?'],
  ['PARLEY_WORKER_MODELS', 'large, smal', 'names "smal": did you mean small?'],
  ['PARLEY_MODLE', 'small', 'did you mean PARLEY_MODEL?'],
  ['SLACK_APP_TOKEN', 'xapp-12345678', 'SLACK_BOT_TOKEN'],
  ['SLACK_BOT_TOKEN', 'xoxb-12345678', 'SLACK_SIGNING_SECRET'],
  ['SLACK_CLIENT_ID', 'A0123', '123.456'],
  ['SLACK_CLIENT_ID', '1.2', 'set PARLEY_ENCRYPTION_KEY too'],
  ['SLACK_CLIENT_SECRET', 'secret', 'SLACK_CLIENT_ID'],
  ['SLACK_STATE_SECRET', 'short', 'at least 16'],
  ['PARLEY_ENCRYPTION_KEY', 'too-short', 'openssl rand -base64 32'],
])('stops at %s=%s and says what is right', async (variable, value, right) => {
  const message = await problemsOf({ [variable]: value });
  expect(message).toMatch(new RegExp(`^ {2}${variable} `, 'm'));
  expect(message).toContain(right);
});

test('lists every problem of variables and file at once, and shows no secret', async () => {
  await yaml('limits:\n  turnsPerMinute: none\nmemry: user\n');
  const message = await problemsOf({
    SLACK_BOT_TOKEN: 'sekret-token',
    REDIS_URL: 'http://user:sekret@host',
    PARLEY_PORT: 'x',
  });
  expect(message).toContain('(5 problems)'.replace('5', String(message.split('\n').length - 1)));
  for (const where of ['SLACK_BOT_TOKEN', 'REDIS_URL', 'PARLEY_PORT', 'limits.turnsPerMinute', 'memry'])
    expect(message).toContain(where);
  expect(message).not.toContain('sekret');
});

test('ignores variables that a container platform adds for a service of our name', async () => {
  await expect(
    load({ PARLEY_SERVICE_HOST: '10.0.0.1', PARLEY_PORT_3000_TCP: 'tcp://10.0.0.1' }),
  ).resolves.toBeTruthy();
});

test('reads what a worker of a fleet serves, the environment before the file', async () => {
  expect((await load({})).worker).toEqual({ models: null, finishMs: 5_000, unservedAfterMs: 120_000 });
  await yaml('worker: { models: [large], finishSeconds: 20, unservedAfterSeconds: 60 }\n');
  expect((await load({})).worker).toEqual({ models: ['large'], finishMs: 20_000, unservedAfterMs: 60_000 });
  expect((await load({ PARLEY_WORKER_MODELS: 'small, medium' })).worker.models).toEqual(['small', 'medium']);
});

test('lets the API leave the machine only with a key', async () => {
  const config = await load({ PARLEY_HOST: '0.0.0.0', PARLEY_API_KEY: 'long-enough' });
  expect(config.web).toMatchObject({ host: '0.0.0.0', port: 3000, apiKey: 'long-enough' });
});

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

test('makes an entry of a .gguf path, named after the file', async () => {
  const config = await load({ PARLEY_MODEL: 'weights/My Model.Q4.gguf' });
  expect(config.defaultModel).toBe('my-model.q4');
  expect(config.models.get('my-model.q4')).toMatchObject({
    runs: 'local',
    sources: [{ type: 'file', path: path.join(cwd, 'weights/My Model.Q4.gguf') }],
  });
  expect((await load({ PARLEY_MODEL: './small.gguf' })).defaultModel).toBe('small-file');
});

test('names the line, the path, the value and what is right', async () => {
  await yaml('language: auto\nsampling:\n  temperature: 5\n');
  expect(await problemsOf()).toContain(
    'parley.config.yaml:3 sampling.temperature is 5: should be a number from 0 to 2',
  );
});

test.each([
  ['limits:\n  turnsPerMinuts: 3\n', 'limits.turnsPerMinuts is not a setting: did you mean turnsPerMinute?'],
  ['modles: {}\n', 'modles is not a setting: did you mean models?'],
  [
    'models:\n  a:\n    sources:\n      - paht: x.gguf\n',
    'sources[0].paht is not a setting: did you mean path?',
  ],
  [
    'models:\n  a: { sources: [{ file: x.gguf }] }\n',
    'one place: `path`, or `url`, or `huggingface` with `file`',
  ],
  ['models:\n  a: { sources: [{ path: x.bin }] }\n', 'should be a .gguf file'],
  ['models:\n  a: {}\n', 'models.a.sources is missing'],
  ['models:\n  a: { endpoint: openai }\n', 'models.a.name is missing'],
  ['models:\n  a: { endpoint: openai, name: x, lora: [] }\n', 'models.a.lora is set beside endpoint'],
  ['worker: { models: [small, larg] }\n', 'worker.models[1] names "larg": did you mean large?'],
  ['models:\n  small: { fallback: [medum] }\n', 'models.small.fallback[0] is "medum": did you mean medium?'],
  ['models:\n  small: { fallback: [small] }\n', 'cannot stand in for itself'],
  ['models:\n  auto: {}\n', 'models.auto'],
  ['models:\n  "Big One": {}\n', 'should be a name of at most 32 small letters'],
  ['models:\n  a: { endpoint: openai, name: x, apiKeyVariable: NOPE }\n', 'set NOPE'],
  [
    'models:\n  a: { sources: [{ path: x.gguf }], limits: { retries: 1 } }\n',
    'models.a.limits is set without endpoint',
  ],
  ['models:\n  a: { endpoint: openai, name: x, limits: { retries: 11 } }\n', 'a whole number from 0 to 10'],
  [
    'models:\n  a: { endpoint: openai, name: x, limits: { answerSeconds: 0 } }\n',
    'a number from 0.1 to 86400',
  ],
  [
    'models:\n  a: { endpoint: openai, name: x, limits: { retries: 1 } }\n  b: { endpoint: openai, name: y, limits: { retries: 3 } }\n',
    'parley.config.yaml:3 models.b.limits.retries is 3, and 1 for a at the same endpoint: set it in one of the two',
  ],
  ['settingsAdmins: { discord: [123] }\n', 'a list of user ids in quotes'],
  ['- a\n- b\n', 'should be a mapping'],
])('refuses %j', async (text, expected) => {
  await yaml(text);
  expect(await problemsOf()).toContain(expected);
});

test('reads the limits of an endpoint and how its answers begin', async () => {
  await yaml(`
models:
  far:
    endpoint: openai
    name: x
    beginsInReasoning: true
    limits: { connectSeconds: 1, firstTokenSeconds: 2.5, betweenTokensSeconds: 3, answerSeconds: 4, retries: 0, breakerFailures: 5, breakerRestSeconds: 6 }
  near: { endpoint: openai, name: y, baseUrl: "http://127.0.0.1:1/v1", limits: { retries: 3 } }
`);
  const { models } = await load();
  expect(models.get('far')).toMatchObject({
    beginsInReasoning: true,
    limits: {
      connectMs: 1000,
      firstTokenMs: 2500,
      betweenTokensMs: 3000,
      totalMs: 4000,
      retries: 0,
      breakerFailures: 5,
      breakerRestMs: 6000,
    },
  });
  expect(models.get('near')).toMatchObject({ beginsInReasoning: null, limits: { retries: 3 } });
});

test.each([
  ['', 600_000],
  ['engine: { unloadAfterMinutes: 0.5 }\n', 30_000],
  ['engine: { unloadAfterMinutes: 0 }\n', null],
])('unloads idle models after the time that %j says', async (text, unloadAfterMs) => {
  await yaml(text);
  expect((await load()).engine).toMatchObject({ unloadAfterMs });
});

test.each([
  ['limits:\n\tturnsPerMinute: 3\n', 'parley.config.yaml:2 is indented with a tab: use spaces'],
  ['memory: user\nmemory: channel\n', 'parley.config.yaml:2 sets again what is set above: keep one'],
  ['a: b: c\n', 'parley.config.yaml:1 has a second ": "'],
  ['limits:\n  turnsPerMinute: 3\n messageLength: 4\n', 'parley.config.yaml:3 does not fit what is above it'],
  ['limits: [1, 2\nmemory: user\n', 'close what a [ or { opened'],
  ['model: "small\nmemory: user\n', 'close the quote or bracket'],
  ['model: @small\n', 'parley.config.yaml:1 begins a text with a sign'],
  ['memory: user\nmodel: *small\n', 'parley.config.yaml:2 begins a text with * or &'],
  ['model: small\n---\nmodel: large\n', 'leave the line "---" out'],
  ['limits:\n  turnsPerMinute:3\n', 'each written as "name: value"'],
])('says in plain words what to mend in the YAML %j', async (text, expected) => {
  await yaml(text);
  expect(await problemsOf()).toContain(expected);
});

test('every kind of value has words of its own for what is right', async () => {
  const settings = [
    'model',
    'language',
    'memory',
    'followThreads',
    'sampling',
    'limits',
    'settingsAdmins',
    'models',
  ];
  await yaml(`${settings.map((name) => `${name}: 7`).join('\n')}
engine: { gpu: 7, threads: x }
downloads: { allowed: x, hubUrl: 7, python: 7 }
personas: { default: 7, extra: { a: { en: 7 } } }
delivery: { callAttention: 7, staleAfterMinutes: x }
`);
  expect(await problemsOf()).not.toMatch(/Invalid|expected|undefined/);
  await yaml(`models: { a: { sources: [{ sha256: 7, url: 7, huggingface: 7, revision: 7 }], lora: 7, fallback: 7,
    endpoint: 7, apiKeyVariable: 7, description: 7, sampling: { stop: 7, topK: 1.5, seed: x } } }`);
  expect(await problemsOf()).not.toMatch(/Invalid|expected|undefined/);
});

test('reads models with their sources, fallbacks and parameters', async () => {
  await yaml(`
model: coder
engine: { gpu: off, slots: 2 }
models:
  coder:
    sources:
      - path: ./coder.gguf
      - huggingface: owner/repo
        file: coder.gguf
    threads: 3
    fallback: [house, small]
    sampling: { temperature: 0.1, stop: ["END"] }
  house:
    endpoint: openai
    baseUrl: http://127.0.0.1:8000/v1/
    name: qwen
    apiKeyVariable: HOUSE_KEY
  small: { contextSize: 2048 }
`);
  const config = await load({ HOUSE_KEY: 'k', OPENAI_API_KEY: 'public' });
  expect(config.defaultModel).toBe('coder');
  expect(config.models.get('coder')).toMatchObject({
    sources: [
      { type: 'file', path: path.join(cwd, 'coder.gguf') },
      { type: 'hugging-face', repository: 'owner/repo', file: 'coder.gguf', revision: 'main' },
    ],
    gpu: 'off',
    threads: 3,
    slots: 2,
    fallback: ['house', 'small'],
    sampling: { temperature: 0.1, stop: ['END'] },
  });
  expect(config.models.get('house')).toMatchObject({ baseUrl: 'http://127.0.0.1:8000/v1', apiKey: 'k' });
  expect(config.models.get('small')).toMatchObject({ sources: [], contextSize: 2048 });
});

test("sends the public API's key to no other server that an entry names", async () => {
  await yaml(
    'models:\n  a: { endpoint: openai, name: x, baseUrl: "http://10.0.0.9/v1" }\n  b: { endpoint: openai, name: x }\n',
  );
  const { models } = await load({ OPENAI_API_KEY: 'public' });
  expect(models.get('a')).toMatchObject({ apiKey: null });
  expect(models.get('b')).toMatchObject({ apiKey: 'public', baseUrl: null });
});
