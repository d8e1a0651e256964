import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitCondition } from '../doubles/await-condition.js';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { errorReply } from '../doubles/model-server/reply.js';
import { LogServer } from '../doubles/servers/log-server.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';
import { everyFile, everyRow, everyValue, marksIn } from './crash/find-marks.js';
import { startUnderTest, type UnderTest } from './parley-under-test.js';

const KEY = 'MARKED-parley-api-key';
const MODEL_KEY = 'sk-MARKED-model-key';
const OTHER_KEY = 'MARKED-key-of-an-entry';
const LOG_PASSWORD = 'MARKED-log-password';
const LOG_PATH = 'MARKED-log-path';
const LOG_SECRET = 'MARKED-log-secret';
const HUB_TOKEN = 'hf_MARKED-hub-token';
const DISCORD_TOKEN = 'MARKED.discord.token';
/** What Slack still sends in every payload. */
const VERIFICATION_TOKEN = 'legacy-verification-token';

describe.each(['socket', 'http'] as const)('whole conversations, with Slack by %s', (slackReceiver) => {
  let discord: DiscordDouble;
  let slack: SlackDouble;
  let model: ModelServer;
  let logs: LogServer;
  let under: UnderTest;
  let dataDir = '';
  const lines: string[] = [];
  const answers: string[] = [];

  beforeAll(async () => {
    discord = await new DiscordDouble({ token: DISCORD_TOKEN }).start();
    slack = await SlackDouble.start({ rates: false });
    model = await startModelServer({ apiKey: MODEL_KEY, script: () => 'A fine answer.' });
    logs = await LogServer.open();
    under = await startUnderTest({
      discord,
      slack,
      slackReceiver,
      modelServer: model,
      logTo: { write: (line) => void lines.push(line) },
      prepare: async (folder) => {
        dataDir = folder;
      },
      file: {
        models: {
          other: {
            endpoint: 'openai',
            baseUrl: model.url,
            name: 'other',
            apiKeyVariable: 'OTHER_KEY',
            contextSize: 4096,
          },
        },
      },
      env: {
        LOG_LEVEL: 'trace',
        PARLEY_API_KEY: KEY,
        OPENAI_API_KEY: MODEL_KEY,
        OTHER_KEY,
        HF_TOKEN: HUB_TOKEN,
        LOGGING_URL: logs.url.replace('//', `//parley:${LOG_PASSWORD}@`).replace(/\/?$/, `/${LOG_PATH}`),
        LOGGING_SECRET: LOG_SECRET,
        SLACK_PORT: '0',
      },
    });
    await discord.waitForBot();
    const port = under.parley.platforms.find(({ name }) => name === 'Slack')?.port();
    if (slackReceiver === 'http') slack.eventsUrl = `http://127.0.0.1:${port}/slack/events`;
  });
  afterAll(async () => {
    await under.stop();
    await Promise.all([logs.close(), model.close(), slack.stop(), discord.stop()]);
  });

  const ask = async (path: string, body: object | null, key: string) => {
    const response = await fetch(under.url + path, {
      method: body === null ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    answers.push(JSON.stringify([...response.headers]) + text);
    return { status: response.status, text };
  };

  test('leave no secret in logs, answers, the database, the queue or on disk, whatever goes wrong', async () => {
    const { person, channel } = discord;
    const ada = slack.person('Ada');

    // What goes right.
    discord.person.say(channel, 'Hello?', { mention: true });
    await discord.waitForReply(({ content }) => content.includes('fine answer'));
    const asked = person.useCommand(channel, 'ask', { question: 'And now?' });
    await discord.log.waitFor(() => model.requests.length >= 2, 'the /ask');
    slack.dm(ada, 'Hello?');
    await slack.waitFor(() => slack.shown(slack.directChannel(ada)).some((text) => text.includes('fine')));
    await slack.slashCommand(ada, slack.directChannel(ada), 'settings');
    await slack.slashCommand(ada, slack.directChannel(ada), 'ask And by a command?');
    await slack.waitFor(() => slack.shown(slack.directChannel(ada)).length >= 2);
    expect(await ask('/api/question', { question: 'Hi', user_id: 'u' }, KEY)).toMatchObject({ status: 200 });

    // What goes wrong: each speaks of its secret, or is logged where one was used.
    model.next(
      ...Array.from({ length: 3 }, () =>
        errorReply(401, { message: `Incorrect API key provided: ${MODEL_KEY}`, code: MODEL_KEY }),
      ),
    );
    await ask('/api/question', { question: 'Hi', user_id: 'u' }, KEY);
    model.next({ fault: 'reset' }, { fault: 'reset' }, { fault: 'reset' });
    await ask('/api/question', { question: 'Hi', user_id: 'u' }, KEY);
    await ask('/api/question', { question: 'Hi', user_id: 'u', model: 'other' }, KEY);
    await ask('/api/question', { question: 'Hi', user_id: 'u' }, `${KEY}x`);
    await ask('/api/question', { question: 5 }, KEY);
    slack.fail('chat.postMessage', { type: 'lose-answer' });
    slack.fail('chat.startStream', { type: 'status', status: 503 });
    slack.dm(ada, 'Again?');
    // Breakers may be open: a sentence of failure is an answer here.
    await slack.waitFor(() => slack.shown(slack.directChannel(ada)).length >= 3);
    logs.answers.push({ status: 500 }, 'cut');
    discord.fail({
      on: 'POST /channels/{channel_id}/messages',
      action: { type: 'status', status: 500, applied: true },
    });
    discord.person.say(channel, 'Once more?', { mention: true });
    await awaitCondition(() => discord.replies().filter(({ content }) => content.length > 3).length >= 3);
    await awaitCondition(() => logs.posts.length >= 4);
    discord.gateway.dropConnection();
    for (const path of [
      '/',
      '/healthz',
      '/readyz',
      '/metrics',
      '/api/models',
      '/api/commands',
      '/api/openapi.json',
    ])
      await ask(path, null, KEY);
    discord.revokeToken();
    slack.revokeToken();
    discord.gateway.close(4004);
    slack.dm(ada, 'Nobody home?');
    await slack.delivered();

    const rows = await everyRow(under);
    const queue = under.redisUrl === null ? [] : await everyValue(under.redisUrl);
    const files = await everyFile(dataDir);
    const marks = [
      KEY,
      MODEL_KEY,
      OTHER_KEY,
      LOG_PASSWORD,
      LOG_PATH,
      LOG_SECRET,
      HUB_TOKEN,
      DISCORD_TOKEN,
      slack.botToken,
      slack.appToken,
      slack.signingSecret,
      VERIFICATION_TOKEN,
      // What answers an interaction or a command for some minutes.
      discord.world.interactions.get(asked.id)?.token ?? '',
      ...slack.responseAddresses,
    ];
    expect(marks.filter((mark) => mark.length < 8)).toEqual([]);
    expect(slack.responseAddresses).toHaveLength(2);
    // The search itself finds what is there.
    expect(rows.some((row) => row.includes('Once more?'))).toBe(true);
    expect(rows.filter((row) => row.includes('"sealed": true'))).toHaveLength(2);
    expect(lines.join('')).toContain('401');
    // On servers nothing need be in the folder.
    if (under.redisUrl === null) expect(files.length).toBeGreaterThan(50);
    const found = (places: readonly string[]) =>
      places.flatMap((place) => marksIn(place, marks).map((mark) => `${mark} in ${place.slice(0, 300)}`));
    expect(found(lines), 'log').toEqual([]);
    expect(found(answers), 'answers').toEqual([]);
    expect(found(rows), 'database').toEqual([]);
    expect(found(queue), 'queue').toEqual([]);
    expect(
      files.flatMap((file) => marksIn(file, marks)),
      'files',
    ).toEqual([]);
    expect(marksIn(JSON.stringify(logs.posts.map(({ body }) => body)), marks), 'export').toEqual([]);
  });
});
