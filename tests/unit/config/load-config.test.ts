import { expect, test } from 'vitest';
import { withConfigFolder } from './config-folder.js';

const { load, problemsOf, within, write, yaml } = withConfigFolder();

test('needs nothing set', async () => {
  const config = await load();
  expect(config).toMatchObject({
    dataDir: within('data'),
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
