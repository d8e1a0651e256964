import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { awaitCondition } from '../../doubles/await-condition.js';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { DoubleChannel, DoubleMessage } from '../../doubles/discord/world.js';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { answer, serverError } from '../../doubles/model-server/reply.js';
import { startUnderTest, type UnderTest } from '../parley-under-test.js';
import { scrape, total } from './scrape.js';

const POST = 'POST /channels/{channel_id}/messages';
const finished = ({ components }: DoubleMessage) => JSON.stringify(components).includes('Regenerate');

describe('the metrics of a process', () => {
  let discord: DiscordDouble;
  let server: ModelServer;
  let under: UnderTest;
  let channel: DoubleChannel;

  beforeAll(async () => {
    discord = await new DiscordDouble().start();
    server = await startModelServer();
    under = await startUnderTest({ discord, modelServer: server });
    await discord.waitForBot(1);
  });
  beforeEach(({ task }) => {
    channel = discord.world.addChannel({ kind: 'text', name: task.id, guildId: discord.guild.id });
  });
  afterAll(async () => {
    await under.stop();
    await server.close();
    await discord.stop();
  });

  const read = () => scrape(under.url);
  const ask = (text: string) => discord.person.say(channel, text, { mention: true });
  /** Resolves when the series has grown by `more` or further. */
  async function grows(name: string, more: number, before: ReadonlyMap<string, number>) {
    await awaitCondition(async () => total(await read(), name) >= total(before, name) + more, 50);
  }

  test('tell how fast a reply came, what was cached, and which edits were spared', async () => {
    const before = await read();
    const words = Array.from({ length: 150 }, (_, i) => `word${i}`).join(' ');
    // Whichever attempt answers: on a busy machine a lease may run out.
    server.setScript(() => answer(words, { paceMs: 20, cachedTokens: 7 }));
    onTestFinished(() => server.setScript(() => 'Here I am.'));
    ask('at length, please');
    await discord.waitForReply(finished, channel);
    await grows('parley_turns_total', 1, before);
    const after = await read();
    const grown = (name: string) => total(after, name) - total(before, name);
    expect(grown('parley_turn_seconds_count')).toBe(1);
    expect(grown('parley_first_token_seconds_count')).toBe(1);
    expect(grown('parley_first_visible_text_seconds_count')).toBe(1);
    expect(grown('parley_tokens_per_second_count')).toBe(1);
    // 150 words 20 ms apart: about 50 a second. It took no longer than the turn, however busy the machine is; where that
    // held the first words up, the others seem to come the faster.
    expect(grown('parley_tokens_per_second_sum')).toBeGreaterThan(149 / grown('parley_turn_seconds_sum'));
    expect(grown('parley_tokens_per_second_sum')).toBeLessThan(20_000);
    expect(grown('parley_prompt_tokens_cached_total')).toBe(7);
    expect(grown('parley_prompt_tokens_total')).toBeGreaterThanOrEqual(7);
    expect(grown('parley_reply_tokens_total')).toBeGreaterThanOrEqual(150);
    const sent = discord.log.entries.filter(
      (entry) =>
        entry.type === 'request' &&
        entry.method !== 'GET' &&
        entry.path.startsWith(`/channels/${channel.id}/messages`),
    );
    expect(grown('parley_sends_total')).toBe(sent.length);
    expect(grown('parley_edits_saved_total')).toBeGreaterThan(10);
    expect(grown('parley_edits_saved_total') + grown('parley_sends_total')).toBeLessThanOrEqual(160);
  });

  test('count each 429 by the method that met it', async () => {
    const before = await read();
    discord.fail({ on: POST, action: { type: 'rate-limit', retryAfter: 0.1 }, times: 2 });
    ask('are you there?');
    await discord.waitForReply(finished, channel);
    const after = await read();
    const limited = [...after].filter(([key]) => key.startsWith('parley_rate_limited_total{'));
    expect(limited.map(([key]) => key)).toEqual([
      'parley_rate_limited_total{platform="discord",method="POST /channels/:id/messages"}',
    ]);
    expect(total(after, 'parley_rate_limited_total') - total(before, 'parley_rate_limited_total')).toBe(2);
  });

  test('tell how much waits, and for how long', async () => {
    server.next(answer(Array.from({ length: 600 }, (_, i) => `word${i}`).join(' '), { paceMs: 100 }));
    ask('first');
    const begun = await discord.waitForReply(({ content }) => content.startsWith('word0'), channel);
    ask('second');
    await awaitCondition(async () => (await read()).get('parley_turns_unfinished{state="pending"}') === 1);
    const first = await read();
    expect(first.get('parley_turns_unfinished{state="running"}')).toBe(1);
    expect(total(first, 'parley_queue_depth')).toBeGreaterThanOrEqual(1);
    const age = first.get('parley_oldest_pending_seconds') ?? 0;
    await awaitCondition(async () => ((await read()).get('parley_oldest_pending_seconds') ?? 0) > age);
    discord.person.pressButton(begun, 'stop');
    await awaitCondition(async () => total(await read(), 'parley_turns_unfinished') === 0);
    expect((await read()).get('parley_oldest_pending_seconds')).toBe(0);
    const ended = await read();
    expect(total(ended, 'parley_turns_total') - total(first, 'parley_turns_total')).toBe(2);
  });

  // The last: it leaves the endpoint alone for half a minute.
  test('count what a model fails by, and tell that its endpoint is left alone', async () => {
    server.setScript(() => serverError());
    onTestFinished(() => server.setScript(() => 'Well again.'));
    for (const question of ['once', 'twice']) {
      const before = await read();
      ask(question);
      await grows('parley_turns_total', 1, before);
    }
    const after = await read();
    expect(after.get('parley_provider_errors_total{model="hosted",kind="provider-unavailable"}')).toBe(2);
    expect(
      after.get('parley_turns_total{platform="discord",outcome="failed",reason="provider-unavailable"}'),
    ).toBe(2);
    expect(total(after, 'parley_breaker_state')).toBe(2);
  });
});

test('a local model tells its slots, its starts and what its cache spared', async () => {
  const under = await startUnderTest({ file: { engine: { slots: 2 } } });
  onTestFinished(() => under.stop());
  const { conversation_id } = await under.ask('Hello?');
  const first = await scrape(under.url);
  expect(first.get('parley_engine_slots{model="scripted"}')).toBe(2);
  expect(first.get('parley_engine_slots_used{model="scripted"}')).toBe(0);
  expect(first.get('parley_engine_waiting{model="scripted"}')).toBe(0);
  expect(first.get('parley_engine_starts_total{model="scripted"}')).toBe(1);
  expect(total(first, 'parley_engine_crashes_total')).toBe(0);
  expect(total(first, 'parley_prompt_tokens_cached_total')).toBe(0);
  await under.ask('And now?', { conversation_id });
  const second = await scrape(under.url);
  const prompts = (series: ReadonlyMap<string, number>) => total(series, 'parley_prompt_tokens_total');
  const cached = second.get('parley_prompt_tokens_cached_total{model="scripted"}') ?? 0;
  // The second prompt begins with the whole of the first.
  expect(cached).toBeGreaterThanOrEqual(prompts(first) - 1);
  expect(cached).toBeLessThan(prompts(second) - prompts(first));
});
