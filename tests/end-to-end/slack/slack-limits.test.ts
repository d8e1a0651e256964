import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SLACK_RATES, type SlackRates } from '../../../adapters/slack/delivery/method-limits.js';
import { createSlackDelivery } from '../../../adapters/slack/delivery/slack-delivery.js';
import { memoryEditBudget } from '../../../src/exchange/memory-edit-slots.js';
import { redisEditBudget } from '../../../src/exchange/redis-edit-slots.js';
import { ReplyWriter } from '../../../src/pipeline/reply/reply-writer.js';
import type { Delivery } from '../../../src/ports/delivery/delivery.js';
import type { EditBudget, Rate } from '../../../src/ports/delivery/edit-budget.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { SlackDouble } from '../../doubles/slack/slack-double.js';
import { onServersOnly, testRedisUrl } from '../../fixtures/test-servers.js';

/** A minute of Slack's takes two seconds here. */
const FASTER = 30;
/** Replies of each worker, and for how much of Slack's time they stream. */
const REPLIES = 4;
const STREAMED_MS = 75_000;

function ratesAt(times: number): SlackRates {
  const faster = (rate: Rate): Rate => ({ ...rate, perMs: rate.perMs / times });
  return {
    method: Object.fromEntries(
      Object.entries(SLACK_RATES.method).map(([method, rate]) => [method, faster(rate)]),
    ) as SlackRates['method'],
    growing: { even: faster(SLACK_RATES.growing.even), within: faster(SLACK_RATES.growing.within) },
  };
}

/**
 * Two workers of one workspace, each with four replies that stream at once. Resolves with what Slack refused.
 *
 * @param times - how much faster than ours Slack's time runs
 */
async function streamFromTwoWorkers(
  budgets: readonly EditBudget[],
  native: boolean,
  ending: 'finish' | 'stop' = 'finish',
  times = FASTER,
): Promise<{ readonly limited: readonly string[]; readonly shown: readonly string[] }> {
  const start = Date.now();
  const now = () => start + (Date.now() - start) * times;
  const slack = await SlackDouble.start({ now, native, retryDelaysMs: [] });
  onTestFinished(() => slack.stop());
  const ada = slack.person('Ada');
  const channel = slack.channel('general', [ada]);
  const log = new RecordedLog();
  const writers: ReplyWriter[] = [];
  budgets.forEach((budget, worker) => {
    const delivery = createSlackDelivery({
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      clock: systemClock,
      stopTurn: async () => {},
      budget,
      rates: ratesAt(times),
      log,
    });
    for (let i = 0; i < REPLIES; i++)
      writers.push(newWriter(slack, channel.id, ada.id, worker * REPLIES + i, delivery, budget));
  });
  await Promise.all(
    writers.map(async (writer, reply) => {
      const words: string[] = [];
      while (now() - start < STREAMED_MS) {
        words.push(`w${words.length}`);
        writer.show({ type: 'streaming', text: words.join(' ') });
        await systemClock.sleep(15);
      }
      if (ending === 'stop') return writer.stop();
      await writer.finish({
        type: 'final',
        text: `reply ${reply} is whole`,
        controls: 'rate-and-regenerate',
      });
    }),
  );
  return {
    limited: slack.calls.filter(({ result }) => result === 'ratelimited').map(({ method }) => method),
    shown: [...slack.shown(channel)].sort(),
  };
}

function newWriter(
  slack: SlackDouble,
  channel: string,
  user: string,
  turnId: number,
  delivery: Delivery,
  budget: EditBudget,
): ReplyWriter {
  const { appId: app, teamId: team } = slack.workspace;
  const { ts: thread } = slack.workspace.post({ channel, user, text: 'Tell me' });
  return new ReplyWriter({
    identity: { turnId, revision: 0 },
    target: { platform: 'slack', app, team, channel, thread, user, message: thread },
    firstAttempt: true,
    parts: [],
    delivery,
    budget,
    clock: systemClock,
    record: async () => true,
    forget: async () => {},
    onRefused: () => {},
    signal: new AbortController().signal,
  });
}

const whole = Array.from({ length: 2 * REPLIES }, (_, reply) => `reply ${reply} is whole`);
const forms = [
  { form: 'native streams', native: true },
  { form: 'edits', native: false },
];

describe.each(forms)('two workers of one Slack workspace, by $form', ({ native }) => {
  test.skipIf(onServersOnly())('that share a budget cause no 429, and every reply is whole', async () => {
    const budget = memoryEditBudget(systemClock);
    const { limited, shown } = await streamFromTwoWorkers([budget, budget], native);
    expect(limited).toEqual([]);
    expect(shown).toEqual(whole);
  });

  test.skipIf(onServersOnly())('that know nothing of each other do: these are Slack’s limits', async () => {
    const apart = [memoryEditBudget(systemClock), memoryEditBudget(systemClock)];
    // A busy machine cannot call often enough to be refused: then slower, until it keeps up.
    for (const times of [FASTER, 10, 3]) {
      const { limited } = await streamFromTwoWorkers(apart, native, 'stop', times);
      if (limited.length > 0) return;
    }
    expect.fail('nothing was refused');
  });

  const url = testRedisUrl();
  test.skipIf(!url)('that share a Redis cause no 429, and every reply is whole', async () => {
    const prefix = `parley-test-${randomUUID()}`;
    const budgets = [0, 1].map(() => redisEditBudget(url ?? '', systemClock, new RecordedLog(), prefix));
    onTestFinished(async () => void (await Promise.all(budgets.map((budget) => budget.stop()))));
    const { limited, shown } = await streamFromTwoWorkers(budgets, native);
    expect(limited).toEqual([]);
    expect(shown).toEqual(whole);
  });
});
