import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../doubles/model-server/model-server.js';
import { answer, serverError } from '../doubles/model-server/reply.js';
import { SCRIPTED, startUnderTest, type UnderTest } from './parley-under-test.js';

/** Some hundred tokens: long enough that others must wait for the only slot. */
const LONG = Array.from({ length: 400 }, (_, i) => `n${i}`).join(' ');

describe('many who ask one local model', () => {
  let discord: DiscordDouble;
  let under: UnderTest;
  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    under = await startUnderTest({
      discord,
      reply: LONG,
      file: { engine: { slots: 1 }, sampling: { maxTokens: 600 } },
    });
    await discord.waitForBot();
  });
  afterAll(async () => {
    await under.stop();
    await discord.stop();
  });

  test('see their place in the queue, and are all answered', async () => {
    const channels = ['one', 'two', 'three'].map((name) =>
      discord.world.addChannel({ kind: 'text', name, guildId: discord.guild.id }),
    );
    for (const channel of channels) discord.person.say(channel, 'count, please', { mention: true });
    for (const channel of channels) {
      await discord.waitForReply(({ content }) => content.endsWith('n399'), channel);
    }
    const shown = channels.flatMap((channel) => discord.replies(channel).flatMap(({ versions }) => versions));
    expect(shown.some((text) => /ahead of yours/.test(text))).toBe(true);
    expect(
      channels.map((channel) => discord.replies(channel).filter(({ content }) => /ahead/.test(content))),
    ).toEqual([[], [], []]);
  });
});

describe('a hosted model', () => {
  let server: ModelServer;
  let under: UnderTest;
  beforeAll(async () => {
    server = await startModelServer();
    under = await startUnderTest({
      modelServer: server,
      file: {
        models: {
          hosted: { endpoint: 'openai', name: 'scripted', fallback: ['second'] },
          second: { endpoint: 'openai', name: 'second' },
        },
      },
    });
  });
  afterAll(async () => {
    await under.stop();
    await server.close();
  });

  test('never shows or remembers its hidden reasoning', async () => {
    server.setScript(() => answer('<think>They want a greeting.</think>Hello!'));
    const { answer: shown, conversation_id } = await under.ask('hello?');
    expect(shown).toBe('Hello!');
    server.setScript(
      ({ messages }) => `I see ${messages.filter(({ content }) => content.includes('think')).length}`,
    );
    expect(await under.ask('what do you see?', { conversation_id })).toMatchObject({ answer: 'I see 0' });
  });

  test('that is down is followed by its fallback, and the answer says which one it was', async () => {
    server.setScript(({ model }) => (model === 'scripted' ? serverError() : 'The second one speaking.'));
    expect(await under.ask('hello?')).toMatchObject({ answer: 'The second one speaking.', model: 'second' });
  });

  test('that says nothing is asked once more, then its fallback', async () => {
    server.setScript(({ model }) => (model === 'scripted' ? '   ' : 'Somebody had to.'));
    const before = server.requests.length;
    expect(await under.ask('hello?')).toMatchObject({ answer: 'Somebody had to.', model: 'second' });
    expect(server.requests.slice(before).map(({ body }) => body.model)).toEqual([
      'scripted',
      'scripted',
      'second',
    ]);
  });

  test('that is down ends in a clear sentence when no other can answer either', async () => {
    server.setScript(() => serverError());
    const { status, error } = await under.ask('hello?');
    expect(status).toBeGreaterThanOrEqual(502);
    expect(JSON.stringify(error)).toContain('cannot be reached right now');
  });
});

describe('a local model whose process dies', () => {
  test('answers the turn all the same, once the process is back', async () => {
    const under = await startUnderTest();
    try {
      await under.ask('warm up');
      const { pid } = (await under.parley.models.engineStats()) ?? { pid: 0 };
      const asked = under.ask('still there?');
      process.kill(pid, 'SIGKILL');
      expect(await asked).toMatchObject({ status: 200, answer: SCRIPTED });
    } finally {
      await under.stop();
    }
  });
});
