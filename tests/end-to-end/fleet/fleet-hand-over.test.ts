import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { DoubleChannel, DoubleMessage } from '../../doubles/discord/world.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { answer } from '../../doubles/model-server/reply.js';
import { testServers } from '../../fixtures/test-servers.js';
import { threeAnswersMs } from '../answer-times.js';
import type { SpawnedParley } from '../spawn-parley.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

/** Two minutes of it. */
const AT_LENGTH = answer(Array.from({ length: 1200 }, (_, i) => `word${i}`).join(' '), { paceMs: 100 });
const FINISH_SECONDS = 1;
/** From the request to stop until another worker shows text: what replies get to finish, and as much again. */
const HAND_OVER_MS = 5_000;

describe.skipIf(!testServers())('a fleet whose worker is asked to stop', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let web: SpawnedParley;
  let worker: SpawnedParley;
  let channel: DoubleChannel;

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer();
    fleet = await createParleyFleet({
      discord,
      modelServer: server,
      file: { worker: { finishSeconds: FINISH_SECONDS } },
    });
    worker = await fleet.start('worker');
    await fleet.start('gateway');
    web = await fleet.start('web');
    await discord.waitForBot(1);
  });
  beforeEach(({ task }) => {
    channel = discord.world.addChannel({ kind: 'text', name: task.id, guildId: discord.guild.id });
  });
  afterAll(async () => {
    await fleet.remove();
    await server.close();
    await discord.stop();
  });

  const ask = (text: string) => discord.person.say(channel, text, { mention: true });
  const shows = (text: string | RegExp) =>
    discord.waitForReply(
      ({ content }) => (typeof text === 'string' ? content === text : text.test(content)),
      channel,
    );
  const finished = ({ components }: DoubleMessage) => JSON.stringify(components).includes('Regenerate');
  /** Another worker starts, and the one before is asked to stop. */
  async function replaceWorker() {
    const before = worker;
    worker = await fleet.start('worker');
    const asked = performance.now();
    return { asked, ended: before.end('SIGTERM') };
  }

  test('another goes on with the same message, and with the questions behind it, in order', async () => {
    const ownMs = await threeAnswersMs(discord);
    server.setScript(() => AT_LENGTH);
    ask('at length, please');
    const begun = await shows(/^word0/);
    ask('and a second question');
    server.setScript(({ messages }) => `Now: ${messages.at(-1)?.content}`);
    const { asked, ended } = await replaceWorker();
    const continued = await shows(/^Now: .*at length, please/);
    const tookMs = performance.now() - asked;
    expect(continued.id).toBe(begun.id);
    expect(tookMs).toBeLessThan(FINISH_SECONDS * 1_000 + HAND_OVER_MS + ownMs);
    await shows(/^Now: .*and a second question/);
    expect(await ended).toBe(0);
    expect(discord.replies(channel)).toHaveLength(2);
    await awaitCondition(() => discord.replies(channel).every(finished));
  });

  test('a reply that ends in time is finished where it began', async () => {
    server.setScript(() => answer('Only a few words.', { paceMs: 50 }));
    ask('briefly, please');
    await discord.waitForReply(({ content }) => content !== '', channel);
    const requests = server.requests.length;
    const { ended } = await replaceWorker();
    await shows('Only a few words.');
    expect(await ended).toBe(0);
    expect(server.requests).toHaveLength(requests);
    expect(discord.replies(channel)).toHaveLength(1);
  });

  test('who watches over HTTP sees the reply begin anew, and end', async () => {
    server.setScript(() => AT_LENGTH);
    const response = await fetch(`${web.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ question: 'at length, please', user_id: 'ada' }),
    });
    let events = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) events += Buffer.from(chunk).toString();
    })();
    await awaitCondition(() => events.includes('word3'));
    server.setScript(() => 'In short.');
    const { ended } = await replaceWorker();
    await reading;
    const [, after] = events.split('event: reset');
    expect(after).toContain('In short.');
    expect(after).toMatch(/event: done\ndata: .*"answer":"In short\."/);
    expect(await ended).toBe(0);
  });

  test('a person stops, and asks again for, a reply that another process writes', async () => {
    server.setScript(() => AT_LENGTH);
    ask('at length, please');
    discord.person.pressButton(await shows(/^word0/), 'stop');
    const stopped = await discord.waitForReply(finished, channel);
    expect(stopped.content).toMatch(/^word0/);
    server.setScript(() => 'Once more.');
    discord.person.pressButton(stopped, 'Regenerate');
    expect((await shows('Once more.')).id).toBe(stopped.id);
    expect(discord.replies(channel)).toHaveLength(1);
  });
});
