import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordAdapter } from '../../../../../adapters/discord/adapter.js';
import { reconnectDelay } from '../../../../../adapters/discord/gateway/guarded-sharding.js';
import { afterSession } from '../../../../../adapters/discord/gateway/shard-connection.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { awaitCondition } from '../../../../doubles/await-condition.js';
import { DiscordDouble } from '../../../../doubles/discord/discord-double.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../../../../doubles/recorders/recording-inbox.js';
import { type AdapterBench, CATCH_UP, COMMANDS, Facts, Known, openAdapter } from '../adapter-fixture.js';

const MESSAGE_CONTENT = 1 << 15;

describe('the gateway connection', () => {
  let double: DiscordDouble;
  let bench: AdapterBench;
  beforeEach(async () => {
    double = await new DiscordDouble().start();
    bench = await openAdapter({ double, start: false });
  });
  afterEach(() => bench.close());

  async function expectAnswered(text: string): Promise<void> {
    double.person.say(double.channel, text, { mention: true });
    await bench.until(() => bench.inbox.messages.find((message) => message.text === text), text);
  }

  function gatewayMoments(what: string): number {
    return double.log.entries.filter((entry) => entry.type === 'gateway' && entry.what === what).length;
  }

  function logged(level: string): string[] {
    return bench.log.lines.filter((line) => line.level === level).map(({ message }) => message);
  }

  test('asks for message content, and is ready', async () => {
    expect(await bench.adapter.start()).toEqual({ state: 'ready', readsMessages: true });
    const identified = double.log.entries.find(
      (entry) => entry.type === 'gateway' && entry.what === 'identified',
    );
    const { intents } = (identified as { detail: { intents: number } }).detail;
    expect(intents & MESSAGE_CONTENT).toBe(MESSAGE_CONTENT);
  });

  test('4014: without the intent it logs in all the same, and says what is missing', async () => {
    double.gateway.messageContentGranted = false;
    expect(await bench.adapter.start()).toEqual({ state: 'ready', readsMessages: false });
    expect(logged('warn').filter((line) => line.includes('Message Content intent'))).toHaveLength(1);
    await expectAnswered('a mention is still read');
  });

  test('without the intent a reply that cannot be read is said so, once an hour; threads stay quiet', async () => {
    double.gateway.messageContentGranted = false;
    await bench.adapter.start();
    const { world, channel } = double;
    const mine = world.addMessage({ channelId: channel.id, authorId: world.bot.id, content: 'A tower.' });
    const thread = double.openThread();
    bench.inbox.partIn.add(thread.id);
    double.person.say(thread, 'and in here?');
    double.person.say(channel, 'which one?', { replyTo: mine, replyPings: false });
    double.person.say(channel, 'hello?', { replyTo: mine, replyPings: false });
    await expectAnswered('mentions work');
    const hints = [...double.replies(), ...double.replies(thread)].filter(({ content }) =>
      content.includes('mention me'),
    );
    expect(hints).toHaveLength(1);
    expect(bench.inbox.messages).toHaveLength(1);
  });

  test('4004: a refused token is one clear failure that names DISCORD_TOKEN, and no retry', async () => {
    const refused = await openAdapter({ double, token: 'wrong.token', start: false });
    const status = await refused.adapter.start();
    expect(status).toMatchObject({ state: 'failed', problem: expect.stringContaining('DISCORD_TOKEN') });
    expect(JSON.stringify(refused.log.lines)).not.toContain('wrong.token');
    await refused.adapter.stop();
  });

  test('a token revoked while it runs ends in the same failure', async () => {
    await bench.adapter.start();
    double.revokeToken();
    double.gateway.close(4004);
    await awaitCondition(() => bench.adapter.status().state === 'failed');
    expect(bench.adapter.status()).toMatchObject({ problem: expect.stringContaining('DISCORD_TOKEN') });
  });

  test('TCP cut: it resumes, and what was said meanwhile is answered', async () => {
    await bench.adapter.start();
    double.gateway.dropConnection();
    await bench.until(() => gatewayMoments('closed') === 1, 'the cut');
    await expectAnswered('said while the bot was away');
    expect(gatewayMoments('resumed')).toBe(1);
  });

  test('tells in how many guilds the bot is, and that it resumes, until it is connected again', async () => {
    expect(bench.adapter.guilds()).toBeNull();
    await bench.adapter.start();
    expect(bench.adapter.guilds()).toBe(1);
    double.gateway.dropConnection();
    await awaitCondition(() => bench.adapter.status().state === 'resuming');
    expect(bench.adapter.guilds()).toBe(1);
    await awaitCondition(() => bench.adapter.status().state === 'ready');
    expect(gatewayMoments('resumed')).toBe(1);
    await bench.adapter.stop();
    expect(bench.adapter.guilds()).toBeNull();
  });

  test('op 7: it reconnects and resumes', async () => {
    await bench.adapter.start();
    double.gateway.askToReconnect();
    await bench.until(() => gatewayMoments('resumed') === 1, 'the resume');
    await expectAnswered('after the reconnect');
  });

  test('op 9 false: it identifies again', async () => {
    await bench.adapter.start();
    double.gateway.invalidateSession(false);
    await double.waitForBot(2);
    await expectAnswered('after the new session');
  });

  test('an event replayed after a resume is handed in once', async () => {
    await bench.adapter.start();
    double.person.say(double.channel, 'once', { mention: true, deliveries: 2 });
    await expectAnswered('last');
    expect(bench.inbox.messages.map(({ text }) => text)).toEqual(['once', 'last']);
  });

  test('malformed payloads are logged and skipped; the process and the connection live on', async () => {
    await bench.adapter.start();
    const { gateway } = double;
    for (const [event, data] of [
      ['MESSAGE_CREATE', null],
      ['MESSAGE_CREATE', { id: 'x', content: 5 }],
      ['INTERACTION_CREATE', { id: 1 }],
      ['INTERACTION_CREATE', null],
      ['GUILD_CREATE', null],
      ['CHANNEL_UPDATE', { id: null }],
      ['MESSAGE_DELETE_BULK', {}],
      ['THREAD_MEMBERS_UPDATE', {}],
      ['error', 'not an event'],
    ] as const) {
      gateway.dispatch(event, data);
    }
    gateway.sendRaw('{"op":0,"t":"READY","s":1}');
    gateway.sendRaw('{"op":9}');
    gateway.sendRaw('not json');
    await expectAnswered('still here');
    expect(logged('error').length).toBeGreaterThan(0);
  });

  test('interactions are taken before the guilds have come', async () => {
    double.gateway.withholdGuilds = true;
    const starting = bench.adapter.start();
    await double.waitForBot();
    const used = double.person.useCommand(double.channel, 'ask', { question: 'already?' });
    double.gateway.dispatch('CHANNEL_UPDATE', null); // kept until the bot is ready, and no better then
    await bench.until(() => used.acknowledged !== null, 'the acknowledgement');
    expect(await starting).toMatchObject({ state: 'ready' });
    await expectAnswered('all is well');
  });

  test('a gateway that refuses connections is tried again, and found', async () => {
    double.gateway.refusals = 2;
    expect(await bench.adapter.start()).toMatchObject({ state: 'ready' });
    expect(gatewayMoments('refused')).toBe(2);
  });

  test('a REST side that is down at the start is tried again', async () => {
    double.fail({ on: 'GET /gateway/bot', action: { type: 'status', status: 503 } });
    double.fail({ on: 'GET /gateway/bot', action: { type: 'drop-socket' } });
    expect(await bench.adapter.start()).toMatchObject({ state: 'ready' });
  });

  test('it stops twice, and takes nothing more', async () => {
    await bench.adapter.start();
    await bench.adapter.stop();
    await bench.adapter.stop();
    expect(bench.adapter.status().state).toBe('stopped');
    expect(double.gateway.connected).toBe(false);
  });

  test('it can be stopped while it starts', async () => {
    double.gateway.refusals = 1000;
    const starting = bench.adapter.start();
    await bench.until(() => gatewayMoments('refused') > 0, 'a refusal');
    await bench.adapter.stop();
    expect(await starting).toMatchObject({ state: 'stopped' });
  });
});

describe('a gateway that takes the connection and says nothing', () => {
  let server: Server;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('does not keep the bot from stopping, nor ends the process when it goes', async () => {
    const double = await new DiscordDouble().start();
    const { port } = server.address() as AddressInfo;
    double.rest.gatewayUrl = `ws://127.0.0.1:${port}/`;
    const { apiUrl, token } = double;
    const adapter = createDiscordAdapter({
      apiUrl,
      token,
      ...new RecordingInbox().ports,
      commands: COMMANDS,
      facts: new Facts(),
      known: new Known(),
      catchUp: CATCH_UP,
      leases: null,
      clock: systemClock,
      log: new RecordedLog(),
    });
    const starting = adapter.start();
    await new Promise<void>((resolve) => server.once('connection', () => resolve()));
    await adapter.stop();
    expect(await starting).toMatchObject({ state: 'stopped' });
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    await double.stop();
  });
});

describe('commands', () => {
  async function registered(double: DiscordDouble, facts: Facts, commands = COMMANDS): Promise<number> {
    const bench = await openAdapter({ double, facts, commands });
    double.person.say(double.channel, 'hello', { mention: true });
    await bench.until(() => bench.inbox.messages.length > 0 && facts.values.size > 0, 'the registration');
    await bench.adapter.stop();
    return double.log.requests('PUT', /commands$/).length;
  }

  test('are registered once, and again where they changed', async () => {
    const double = await new DiscordDouble().start();
    const facts = new Facts();
    expect(await registered(double, facts)).toBe(1);
    expect(await registered(double, facts)).toBe(1);
    expect(await registered(double, facts, COMMANDS.slice(0, 2))).toBe(2);
    await double.stop();
  });

  test('work in servers, direct messages and for people who installed the app', async () => {
    const double = await new DiscordDouble().start();
    await registered(double, new Facts());
    expect(double.world.commands.map(({ name }) => name)).toEqual([
      ...COMMANDS.map(({ name }) => name),
      'Ask about this message',
    ]);
    for (const command of double.world.commands) {
      expect(command).toMatchObject({ integration_types: [0, 1], contexts: [0, 1, 2] });
    }
    await double.stop();
  });

  test('that Discord refuses do not keep the bot from answering', async () => {
    const double = await new DiscordDouble().start();
    double.fail({
      on: 'PUT /applications/{application_id}/commands',
      action: { type: 'error', status: 400, code: 50035 },
      times: 100,
    });
    const bench = await openAdapter({ double });
    double.person.say(double.channel, 'hello', { mention: true });
    await bench.until(() => bench.inbox.messages.length === 1, 'the message');
    await bench.close();
  });
});

describe('decisions', () => {
  test('waits grow to a minute, and the first two are free', () => {
    expect([0, 1, 2, 3, 4].map(reconnectDelay)).toEqual([0, 0, 1_000, 2_000, 4_000]);
    fc.assert(
      fc.property(fc.nat({ max: 2_000 }), (attempt) => {
        expect(reconnectDelay(attempt + 1)).toBeGreaterThanOrEqual(reconnectDelay(attempt));
        expect(reconnectDelay(attempt)).toBeLessThanOrEqual(60_000);
      }),
    );
  });

  test('only a refused token or refused intents are final', () => {
    expect(afterSession({ type: 'closed', code: 4014 }, true)).toEqual({ type: 'without-content' });
    expect(afterSession({ type: 'closed', code: 4014 }, false)).toMatchObject({ type: 'failed' });
    expect(afterSession({ type: 'login-refused' }, true)).toMatchObject({ type: 'failed' });
    expect(afterSession({ type: 'closed', code: 4011 }, true)).toEqual({ type: 'again' });
    expect(afterSession({ type: 'broken', error: new Error('x') }, true)).toEqual({ type: 'again' });
  });
});
