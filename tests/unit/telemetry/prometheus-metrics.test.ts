import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { GeneratedReply } from '../../../src/domain/turn.js';
import { PrometheusMetrics } from '../../../src/telemetry/prometheus-metrics.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';

const REPLY: GeneratedReply = {
  reply: 'a secret reply',
  model: 'small',
  finishReason: 'stop',
  usage: { prompt: 100, cached: 75, reply: 12 },
  sampling: DEFAULT_SAMPLING,
  timeToFirstTokenMs: 300,
  tokensPerSecond: 25,
};

function opened() {
  const clock = new FakeClock();
  const metrics = new PrometheusMetrics(clock);
  onTestFinished(() => metrics.stop());
  const lines = async () => (await metrics.read()).text.split('\n');
  return { clock, metrics, lines };
}

test('what is counted before the first scrape is in it, once', async () => {
  const { metrics, lines } = opened();
  metrics.turnEnded('discord', { state: 'done', ...REPLY }, 1_500);
  metrics.turnEnded('slack', { state: 'failed', kind: 'setup', notice: 'x' }, null);
  metrics.generated(REPLY);
  for (const scrape of [await lines(), await lines()]) {
    expect(scrape).toContain('parley_turns_total{platform="discord",outcome="done",reason=""} 1');
    expect(scrape).toContain('parley_turns_total{platform="slack",outcome="failed",reason="setup"} 1');
    expect(scrape).toContain('parley_turn_seconds_sum{platform="discord"} 1.5');
    expect(scrape.join()).not.toContain('parley_turn_seconds_sum{platform="slack"}');
    expect(scrape).toContain('parley_prompt_tokens_cached_total{model="small"} 75');
    expect(scrape).toContain('parley_first_token_seconds_sum{model="small"} 0.3');
    expect(scrape).toContain('parley_tokens_per_second_sum{model="small"} 25');
    expect(scrape.join()).not.toContain('secret');
  }
});

test('what is alerted on by its first event begins at zero', async () => {
  const { metrics, lines } = opened();
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'parley_turns_total{platform="discord",outcome="done",reason=""} 0',
      'parley_turns_total{platform="web",outcome="cancelled",reason=""} 0',
      'parley_turns_total{platform="slack",outcome="failed",reason="bug"} 0',
      'parley_turns_total{platform="slack",outcome="failed",reason="provider-unavailable"} 0',
      'parley_undecided_sends_total{platform="discord"} 0',
    ]),
  );
  metrics.engineStarted('small');
  expect(await lines()).toContain('parley_engine_crashes_total{model="small"} 0');
});

test('each is counted under its own name', async () => {
  const { metrics, lines } = opened();
  await metrics.read();
  metrics.firstVisibleText('web', 250);
  metrics.sent('discord', 'edit');
  metrics.editsSaved('discord', 7);
  metrics.rateLimited('slack', 'chat.update');
  metrics.undecidedSend('slack');
  metrics.providerFailed('large', 'provider-overloaded');
  metrics.breaker('api.example.org', 'open');
  metrics.engineStarted('small');
  metrics.engineCrashed('small');
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'parley_first_visible_text_seconds_sum{platform="web"} 0.25',
      'parley_sends_total{platform="discord",how="edit"} 1',
      'parley_edits_saved_total{platform="discord"} 7',
      'parley_rate_limited_total{platform="slack",method="chat.update"} 1',
      'parley_undecided_sends_total{platform="slack"} 1',
      'parley_provider_errors_total{model="large",kind="provider-overloaded"} 1',
      'parley_breaker_state{endpoint="api.example.org"} 2',
      'parley_engine_starts_total{model="small"} 1',
      'parley_engine_crashes_total{model="small"} 1',
    ]),
  );
});

test('the state of things is read for each scrape', async () => {
  const { metrics, lines } = opened();
  let engines = [{ model: 'small', slots: 4, busySlots: 3, waiting: 2 }];
  metrics.watch({
    backlog: async () => ({ pending: 5, running: 2, oldestPendingMs: 12_000 }),
    queueDepths: async () => new Map([['wake-ups', 6]]),
    engines: async () => engines,
  });
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'parley_turns_unfinished{state="pending"} 5',
      'parley_turns_unfinished{state="running"} 2',
      'parley_oldest_pending_seconds 12',
      'parley_queue_depth{queue="wake-ups"} 6',
      'parley_engine_slots{model="small"} 4',
      'parley_engine_slots_used{model="small"} 3',
      'parley_engine_waiting{model="small"} 2',
    ]),
  );
  engines = [];
  expect((await lines()).join('\n')).not.toContain('model="small"');
});

test('what fails or hangs is left out and counted, and the rest is there', async () => {
  const { clock, metrics, lines } = opened();
  metrics.watch({
    backlog: () => Promise.reject(new Error('down')),
    queueDepths: () => new Promise(() => {}),
  });
  metrics.sent('web', 'post');
  const reading = lines();
  await clock.advance(2_000);
  const scrape = await reading;
  expect(scrape).toContain('parley_sends_total{platform="web",how="post"} 1');
  expect(scrape.filter((line) => /^parley_(queue_depth|oldest_pending|turns_unfinished)/.test(line))).toEqual(
    [],
  );
  expect(scrape).toContain('parley_scrape_failures_total{source="database"} 1');
  expect(scrape).toContain('parley_scrape_failures_total{source="queue"} 1');
});
