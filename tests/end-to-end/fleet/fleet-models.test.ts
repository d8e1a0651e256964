import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { DoubleChannel, DoubleMessage } from '../../doubles/discord/world.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import type { SpawnedParley } from '../spawn-parley.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

const hosted = (fallback: readonly string[] = []) => ({
  endpoint: 'openai',
  name: 'scripted',
  contextSize: 4096,
  fallback,
});
const finished = ({ components }: DoubleMessage) => JSON.stringify(components).includes('Regenerate');

describe.skipIf(!testServers())('workers that serve different models', () => {
  let discord: DiscordDouble;
  let foxes: ModelServer;
  let owls: ModelServer;
  let fleet: ParleyFleet;
  let foxWorker: SpawnedParley;
  let web: SpawnedParley;
  let channel: DoubleChannel;
  /** By whom, and what, in the order that models were asked. */
  const answered: string[] = [];

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    [foxes, owls] = [await startModelServer(), await startModelServer()];
    for (const [name, server] of [
      ['fox', foxes],
      ['owl', owls],
    ] as const) {
      server.setScript(({ messages }) => {
        answered.push(`${name}: ${messages.at(-1)?.content}`);
        return `The ${name} answers.`;
      });
    }
    fleet = await createParleyFleet({
      discord,
      modelServer: foxes,
      file: {
        models: { fox: hosted(['owl']), owl: hosted(), ghost: hosted() },
        worker: { unservedAfterSeconds: 5 },
        settingsAdmins: { discord: 'everyone' },
      },
    });
    const models = (alias: string, server: ModelServer) => ({
      PARLEY_MODEL: 'fox',
      PARLEY_WORKER_MODELS: alias,
      OPENAI_BASE_URL: server.url,
    });
    foxWorker = await fleet.start('worker', models('fox', foxes));
    await fleet.start('worker', models('owl', owls));
    await fleet.start('gateway', { PARLEY_MODEL: 'fox' });
    web = await fleet.start('web', { PARLEY_MODEL: 'fox' });
    await discord.waitForBot(1);
  });
  beforeEach(({ task }) => {
    answered.length = 0;
    channel = discord.world.addChannel({ kind: 'text', name: task.id, guildId: discord.guild.id });
  });
  afterAll(async () => {
    await fleet.remove();
    await Promise.all([foxes.close(), owls.close()]);
    await discord.stop();
  });

  const replies = (count: number) =>
    discord.waitForReply(
      (message) => finished(message) && discord.replies(channel).filter(finished).length === count,
      channel,
    );
  /** Asks over HTTP; resolves with the whole answer's events once the question has been accepted. */
  async function accepted(
    question: string,
    model: string,
    conversation: string,
  ): Promise<() => Promise<string>> {
    const response = await fetch(`${web.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ question, model, user_id: 'ada', conversation_id: conversation }),
    });
    return () => response.text();
  }
  const ask = (question: string, model: string) =>
    discord.person.useCommand(channel, 'ask', { question, model });

  test('a turn goes to the one that serves its model, whoever answered before', async () => {
    discord.person.say(channel, 'hello?', { mention: true });
    await replies(1);
    ask('and the owl?', 'owl');
    await replies(2);
    discord.person.say(channel, 'and again?', { mention: true });
    await replies(3);
    expect(answered.map((line) => line.split(':')[0])).toEqual(['fox', 'owl', 'fox']);
  });

  test('turns of one conversation that wait for different workers are answered in order', async () => {
    const said = Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? 'fox' : 'owl'));
    const conversation = crypto.randomUUID();
    const answers: (() => Promise<string>)[] = [];
    for (const [i, model] of said.entries())
      answers.push(await accepted(`question ${i}`, model, conversation));
    for (const [i, model] of said.entries()) expect(await answers[i]?.()).toContain(`The ${model} answers.`);
    expect(answered).toEqual(said.map((model, i) => `${model}: question ${i}`));
  });

  test('where nobody serves the model, and nothing stands in for it, the asker is told', async () => {
    ask('boo?', 'ghost');
    expect((await replies(1)).content).toContain('This model runs on no machine right now.');
  });

  test('once a model’s only worker has stopped, its fallback answers', async () => {
    expect(await foxWorker.end('SIGTERM')).toBe(0);
    discord.person.say(channel, 'hello?', { mention: true });
    const { content } = await replies(1);
    expect(content).toContain('The owl answers.');
    expect(content).toContain('Answered by owl');
  });
});
