import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { composePlatforms } from '../../../src/compose/platforms.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { localLiveEvents } from '../../../src/exchange/local-live-events.js';
import { memoryEditBudget } from '../../../src/exchange/memory-edit-slots.js';
import { NO_METRICS } from '../../../src/ports/telemetry/metrics.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../../doubles/recorders/recording-inbox.js';
import { SlackDouble } from '../../doubles/slack/slack-double.js';

const signal = new AbortController().signal;

test.each([
  ['mention', 1],
  ['message', 0],
])('a slow reply on Slack calls attention as configured: by a %s', async (callAttention, pings) => {
  const slack = await SlackDouble.start();
  onTestFinished(() => slack.stop());
  const folder = await mkdtemp(path.join(os.tmpdir(), 'compose-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'parley.config.yaml'), `delivery:\n  callAttention: ${callAttention}\n`);
  const env = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
  };
  const log = new RecordedLog();
  const { deliveries } = await composePlatforms(await loadConfig({ env, cwd: folder }), {
    ...new RecordingInbox().ports,
    live: localLiveEvents(log),
    budget: memoryEditBudget(systemClock),
    installations: null,
    facts: { get: async () => null, set: async () => {} },
    known: { latest: async () => [] },
    leases: null,
    commands: [],
    clock: systemClock,
    log,
    metrics: NO_METRICS,
  });
  const ada = slack.person('Ada');
  const general = slack.channel('general', [ada]);
  const question = slack.mention(ada, general, 'Tell me');
  const target = {
    platform: 'slack' as const,
    app: slack.workspace.appId,
    team: slack.workspace.teamId,
    channel: general.id,
    thread: question.ts,
    user: ada.id,
  };
  const last = { index: 0, messageId: `${general.id}/${question.ts}` };
  await deliveries.get('slack')?.callAttention(target, 7, last, signal);
  expect(slack.botMessages(general)).toHaveLength(1);
  expect(slack.workspace.pings).toHaveLength(pings);
});
