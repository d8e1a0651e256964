import { expect, onTestFinished, test } from 'vitest';
import { DiscordDouble } from '../../doubles/discord/discord-double.js';
import { startModelServer } from '../../doubles/model-server/model-server.js';
import { startUnderTest } from '../parley-under-test.js';

const finished = ({ components }: { components: unknown }) =>
  JSON.stringify(components).includes('Regenerate');

test('an answer on Discord and one over HTTP are in the metrics, and nothing that anybody said', async () => {
  const discord = await new DiscordDouble().start();
  onTestFinished(() => discord.stop());
  const modelServer = await startModelServer();
  onTestFinished(() => modelServer.close());
  modelServer.setScript(() => 'A secret answer, word by word.');
  const under = await startUnderTest({
    discord,
    modelServer,
    env: { PARLEY_API_KEY: 'key-of-the-operator' },
  });
  onTestFinished(() => under.stop());
  const authorization = 'Bearer key-of-the-operator';
  await discord.waitForBot(1);

  discord.person.say(discord.channel, 'a secret question?', { mention: true });
  await discord.waitForReply(finished, discord.channel);
  const asked = await fetch(`${under.url}/api/question`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ question: 'another secret?', user_id: 'ada-of-the-web' }),
  });
  expect(asked.status).toBe(200);
  await expect
    .poll(async () => (await fetch(`${under.url}/metrics`, { headers: { authorization } })).text())
    .toContain('parley_turns_total{platform="discord",outcome="done",reason=""} 1');

  const scrape = await (await fetch(`${under.url}/metrics`, { headers: { authorization } })).text();
  for (const line of [
    /^parley_turns_total\{platform="web",outcome="done",reason=""\} 1$/m,
    /^parley_first_token_seconds_count\{model="hosted"\} 2$/m,
    /^parley_first_visible_text_seconds_count\{platform="discord"\} 1$/m,
    /^parley_sends_total\{platform="discord",how="post"\} 1$/m,
    /^parley_reply_tokens_total\{model="hosted"\} [1-9]/m,
    /^parley_breaker_state\{endpoint="[^"]+"\} 0$/m,
    /^parley_turns_unfinished\{state="pending"\} 0$/m,
    /^parley_oldest_pending_seconds 0$/m,
    /^parley_queue_depth\{queue="wake-ups"\} \d+$/m,
    /^process_start_time_seconds \d+/m,
  ]) {
    expect(scrape).toMatch(line);
  }
  expect(scrape).not.toContain('parley_scrape_failures_total{');
  for (const hidden of [
    'secret',
    'ada',
    discord.person.id,
    discord.channel.id,
    discord.guild.id,
    discord.token,
  ]) {
    expect(scrape).not.toContain(hidden);
  }
});
