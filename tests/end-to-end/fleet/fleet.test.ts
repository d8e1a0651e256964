import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { testServers } from '../../fixtures/test-servers.js';
import type { SpawnedParley } from '../spawn-parley.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

const finished = ({ components }: { components: unknown }) =>
  JSON.stringify(components).includes('Regenerate');

describe.skipIf(!testServers())('a gateway, a worker and a web process', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let gateway: SpawnedParley;
  let worker: SpawnedParley;
  let web: SpawnedParley;

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer();
    fleet = await createParleyFleet({ discord, modelServer: server });
    worker = await fleet.start('worker');
    gateway = await fleet.start('gateway');
    web = await fleet.start('web', { DISCORD_TOKEN: '' });
    await discord.waitForBot(1);
  });
  afterAll(async () => {
    await fleet.remove();
    await server.close();
    await discord.stop();
  });

  test('a mention on Discord is taken in by one and answered by another', async () => {
    server.setScript(() => 'From afar.');
    const channel = discord.world.addChannel({ kind: 'text', name: 'hall', guildId: discord.guild.id });
    discord.person.say(channel, 'hello?', { mention: true });
    const reply = await discord.waitForReply(finished, channel);
    expect(reply.content).toBe('From afar.');
    expect(discord.replies(channel)).toHaveLength(1);
  });

  test('an answer streams over HTTP from another process', async () => {
    server.setScript(() => 'One two three.');
    const response = await fetch(`${web.url}/api/question`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ question: 'Count!', user_id: 'ada' }),
    });
    const events = await response.text();
    expect(response.status).toBe(200);
    expect(events).toContain('event: done');
    expect(events).toContain('One two three.');
  });

  test('only the gateway opens a gateway connection', async () => {
    const identified = discord.log.entries.filter(
      (entry) => entry.type === 'gateway' && entry.what === 'identified',
    );
    expect(identified).toHaveLength(1);
  });

  test('each tells whether it is alive and ready, and only the web process serves the API', async () => {
    for (const { url } of [gateway, worker, web]) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ ready: true });
    }
    expect((await fetch(`${worker.url}/api/models`)).status).toBe(404);
    expect((await fetch(`${web.url}/api/openapi.json`)).status).toBe(200);
  });

  test('each leaves in good order when it is asked to', async () => {
    expect(await Promise.all([gateway, worker, web].map((role) => role.end('SIGTERM')))).toEqual([0, 0, 0]);
  });
});
