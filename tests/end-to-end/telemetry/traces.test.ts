import { expect, onTestFinished, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { startCollector } from '../../doubles/servers/trace-collector.js';
import { startUnderTest } from '../parley-under-test.js';
import { scrape, total } from './scrape.js';

const finished = ({ components }: { components: unknown }) =>
  JSON.stringify(components).includes('Regenerate');

test('a mention on Discord is one trace from its acceptance to the last edit, and tells nothing that was said', async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.stop());
  const discord = await new DiscordDouble().start();
  onTestFinished(() => discord.stop());
  const modelServer = await startModelServer();
  onTestFinished(() => modelServer.close());
  modelServer.setScript(() => 'A secret answer, word by word.');
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'parley-under-test' };
  const under = await startUnderTest({ discord, modelServer, env });
  onTestFinished(() => under.stop());
  await discord.waitForBot(1);

  discord.person.say(discord.channel, 'a secret question?', { mention: true });
  await discord.waitForReply(finished, discord.channel);
  // Stopped between its last edit and its end, the turn would be another attempt's.
  await awaitCondition(async () => total(await scrape(under.url), 'parley_turns_total') === 1);
  await under.parley.stop();

  const of = (name: string) => collector.spans.filter((span) => span.name === name);
  const [accept] = of('accept message');
  // On a busy machine a lease may run out, and another attempt ends the turn.
  const attempts = of('answer turn').map(({ spanId }) => spanId);
  const answer = of('answer turn').find(({ attributes }) => attributes['parley.outcome'] === 'done');
  expect(accept).toMatchObject({
    service: 'parley-under-test',
    attributes: { 'parley.platform': 'discord', 'parley.acceptance': 'accepted' },
    failed: false,
  });
  expect(answer).toMatchObject({
    traceId: accept?.traceId,
    parentSpanId: accept?.spanId,
    attributes: { 'parley.turn': accept?.attributes['parley.turn'], 'parley.outcome': 'done' },
  });
  for (const name of ['read memory', 'generate', 'post']) {
    const spans = of(name);
    expect(
      spans.filter(({ parentSpanId }) => parentSpanId === answer?.spanId),
      name,
    ).toHaveLength(1);
    for (const { traceId, parentSpanId } of spans) {
      expect(traceId).toBe(accept?.traceId);
      expect(attempts).toContain(parentSpanId);
    }
  }
  const sends = [...of('post'), ...of('edit')].map(({ attributes }) => attributes['parley.state']);
  expect(sends).toContain('final');
  const told = collector.bodies.join();
  for (const hidden of ['secret', discord.person.id, discord.channel.id, discord.token]) {
    expect(told).not.toContain(hidden);
  }
});
