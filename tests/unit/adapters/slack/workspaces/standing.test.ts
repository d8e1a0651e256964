import { expect, onTestFinished, test } from 'vitest';
import { createSlackAdapter } from '../../../../../adapters/slack/create-slack-adapter.js';
import { SLACK_SCOPES } from '../../../../../adapters/slack/workspaces/scopes.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { ShiftedClock } from '../../../../doubles/clocks/shifted-clock.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { RecordingInbox } from '../../../../doubles/recorders/recording-inbox.js';
import { SlackDouble } from '../../../../doubles/slack/slack-double.js';
import { openWorkspaces } from './open-workspaces.js';

const without = (...lacking: string[]) => SLACK_SCOPES.filter((scope) => !lacking.includes(scope));

async function connect(scopes: readonly string[] | null) {
  const slack = await SlackDouble.start();
  slack.scopes = scopes;
  const adapter = createSlackAdapter({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    receiver: { mode: 'socket', appToken: slack.appToken },
    ...new RecordingInbox().ports,
    commands: [],
    admins: [],
    log: new RecordedLog(),
    clock: systemClock,
  });
  onTestFinished(async () => {
    await adapter.stop();
    await slack.stop();
  });
  const before = await adapter.standing();
  await adapter.start();
  return { before, after: await adapter.standing() };
}

test('in one workspace, what its token lacks is told once Slack has said who the bot is', async () => {
  const { before, after } = await connect(without('users:read', 'groups:history'));
  expect(before).toEqual({ reach: null, missing: [] });
  expect(after.reach).toBe(1);
  expect(after.missing).toEqual([
    expect.stringMatching(
      /^In .* the bot cannot follow threads in private channels: add the scope groups:history at/,
    ),
    expect.stringMatching(
      /cannot tell people apart by name: add the scope users:read at https.*install the app again\.$/,
    ),
  ]);
});

test.each([[SLACK_SCOPES], [null]])('nothing is missing with the scopes %j', async (scopes) => {
  expect((await connect(scopes)).after).toEqual({ reach: 1, missing: [] });
});

const { open } = openWorkspaces();

test('of several workspaces, each is asked about in its turn, and again when an hour has passed', async () => {
  const clock = new ShiftedClock();
  const { acme, globex, adapter, install } = await open({ clock });
  expect(await adapter.standing()).toEqual({ reach: 0, missing: [] });
  await install(acme);
  await install(globex);
  acme.scopes = without('users:read');
  await adapter.standing();
  const { reach, missing } = await adapter.standing();
  expect(reach).toBe(2);
  expect(missing).toHaveLength(2);
  const asked = () => acme.calls.filter(({ method }) => method === 'auth.test').length;
  const before = asked();
  await adapter.standing();
  expect(asked()).toBe(before);
  acme.scopes = SLACK_SCOPES;
  clock.shift(3_600_001);
  await adapter.standing();
  expect((await adapter.standing()).missing).toEqual([]);
});
