import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { answer } from '../../doubles/model-server/reply.js';
import { type Collector, startCollector } from '../../doubles/servers/trace-collector.js';
import { testServers } from '../../fixtures/test-servers.js';
import type { SpawnedParley } from '../spawn-parley.js';
import { scrape, total } from '../telemetry/scrape.js';
import { createParleyFleet, type ParleyFleet } from './parley-fleet.js';

const KEY = 'key-of-the-operator';
const finished = ({ components }: { components: unknown }) =>
  JSON.stringify(components).includes('Regenerate');

describe.skipIf(!testServers())('watching a fleet', () => {
  let collector: Collector;
  let discord: DiscordDouble;
  let server: ModelServer;
  let fleet: ParleyFleet;
  let gateway: SpawnedParley;
  let worker: SpawnedParley;
  let web: SpawnedParley;

  const start = (role: string) =>
    fleet.start(role, {
      PARLEY_API_KEY: KEY,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: `parley-${role}`,
    });
  const read = (role: SpawnedParley) => scrape(role.url, KEY);

  beforeAll(async () => {
    collector = await startCollector();
    discord = await new DiscordDouble().start();
    server = await startModelServer();
    fleet = await createParleyFleet({ discord, modelServer: server });
    worker = await start('worker');
    gateway = await start('gateway');
    web = await start('web');
    await discord.waitForBot(1);
  });
  afterAll(async () => {
    await fleet.remove();
    await server.close();
    await discord.stop();
    await collector.stop();
  });

  test('a mention is one trace, from the gateway to the worker’s last edit', async () => {
    server.setScript(() =>
      answer(Array.from({ length: 60 }, (_, i) => `word${i}`).join(' '), { paceMs: 40 }),
    );
    discord.person.say(discord.channel, 'a secret question?', { mention: true });
    await discord.waitForReply(finished, discord.channel);
    const of = (name: string) => collector.spans.filter((span) => span.name === name);
    await awaitCondition(() => of('answer turn').length > 0 && of('accept message').length > 0);

    const [accept] = of('accept message');
    const [answered] = of('answer turn');
    expect(accept).toMatchObject({ service: 'parley-gateway', failed: false });
    expect(answered).toMatchObject({
      service: 'parley-worker',
      traceId: accept?.traceId,
      parentSpanId: accept?.spanId,
      attributes: { 'parley.turn': accept?.attributes['parley.turn'], 'parley.outcome': 'done' },
    });
    const sends = collector.spans.filter(({ name }) => name === 'post' || name === 'edit');
    expect(sends.map(({ attributes }) => attributes['parley.state'])).toContain('final');
    expect(of('edit').length).toBeGreaterThan(0);
    for (const span of [...sends, ...of('generate'), ...of('read memory')]) {
      expect(span).toMatchObject({
        service: 'parley-worker',
        traceId: accept?.traceId,
        parentSpanId: answered?.spanId,
      });
    }
    expect(collector.bodies.join()).not.toMatch(/secret|word1/);
  });

  test('the web process tells how the gateway stands with its platform', async () => {
    const discordAt = async () => {
      const headers = { authorization: `Bearer ${KEY}` };
      const body = await (await fetch(`${web.url}/api/admin/platforms`, { headers })).json();
      return (body as { platforms: { connections: { state: string }[] }[] }).platforms[0];
    };
    await awaitCondition(async () => (await discordAt())?.connections[0]?.state === 'connected');
    expect(await discordAt()).toMatchObject({ platform: 'discord', lacks: null, connections: [{}] });
  });

  test('the worker tells what it answered, the others what all see', async () => {
    await awaitCondition(async () => total(await read(worker), 'parley_turns_total') > 0);
    const [ofGateway, ofWorker, ofWeb] = await Promise.all([read(gateway), read(worker), read(web)]);
    for (const name of [
      'parley_turns_total',
      'parley_turn_seconds_count',
      'parley_first_token_seconds_count',
      'parley_first_visible_text_seconds_count',
      'parley_tokens_per_second_count',
      'parley_reply_tokens_total',
      'parley_sends_total',
      'parley_edits_saved_total',
    ]) {
      expect(total(ofWorker, name), name).toBeGreaterThan(0);
      expect(total(ofGateway, name) + total(ofWeb, name), name).toBe(0);
    }
    expect([...ofWorker.keys()].filter((key) => key.startsWith('parley_breaker_state'))).toHaveLength(1);
    for (const series of [ofGateway, ofWorker, ofWeb]) {
      expect(series.get('parley_turns_unfinished{state="pending"}')).toBe(0);
      expect(series.get('parley_turns_unfinished{state="running"}')).toBe(0);
      expect(series.get('parley_oldest_pending_seconds')).toBe(0);
      // A model that nobody has asked yet.
      expect(series.get('parley_queue_depth{queue="wake-ups-small"}')).toBe(0);
      expect(series.get('process_start_time_seconds')).toBeGreaterThan(0);
      expect(total(series, 'parley_scrape_failures_total')).toBe(0);
    }
  });

  test('each keeps its metrics for who has the key', async () => {
    for (const { url } of [gateway, worker, web]) {
      expect((await fetch(`${url}/metrics`)).status).toBe(401);
    }
  });

  test('while no worker runs every process tells what waits, and since when', async () => {
    const before = await read(worker);
    await worker.end('SIGTERM');
    discord.person.say(discord.channel, 'anybody there?', { mention: true });
    for (const role of [gateway, web]) {
      await awaitCondition(async () => {
        const series = await read(role);
        return (
          series.get('parley_turns_unfinished{state="pending"}') === 1 &&
          (series.get('parley_oldest_pending_seconds') ?? 0) > 0 &&
          (series.get('parley_queue_depth{queue="wake-ups-hosted"}') ?? 0) >= 1
        );
      }, 100);
    }
    worker = await start('worker');
    for (const role of [gateway, web]) {
      await awaitCondition(async () => total(await read(role), 'parley_turns_unfinished') === 0, 100);
    }
    const after = await read(worker);
    expect(after.get('process_start_time_seconds')).toBeGreaterThan(
      before.get('process_start_time_seconds') ?? Number.POSITIVE_INFINITY,
    );
    expect(total(after, 'parley_turns_total')).toBe(1);
  });
});
