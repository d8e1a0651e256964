import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../../doubles/model-server/model-server.js';
import { rememberingScript } from '../../doubles/model-server/remembering-script.js';
import { answer } from '../../doubles/model-server/reply.js';
import { installApp } from '../../doubles/slack/install-app.js';
import { SlackDouble } from '../../doubles/slack/slack-double.js';
import { strayCalls } from '../../doubles/slack/stray-calls.js';
import { startUnderTest, type UnderTest } from '../parley-under-test.js';

const LONG = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');

let acme: SlackDouble;
let globex: SlackDouble;
let server: ModelServer;
let under: UnderTest;

const url = () => `http://127.0.0.1:${under.parley.platforms.find(({ name }) => name === 'Slack')?.port()}`;
const listen = () => {
  acme.eventsUrl = `${url()}/slack/events`;
};

beforeAll(async () => {
  acme = await SlackDouble.start({ rates: false });
  globex = acme.addWorkspace('Globex');
  server = await startModelServer({ script: rememberingScript });
  under = await startUnderTest({
    modelServer: server,
    env: {
      SLACK_CLIENT_ID: acme.client.clientId,
      SLACK_CLIENT_SECRET: acme.client.clientSecret,
      SLACK_SIGNING_SECRET: acme.signingSecret,
      SLACK_API_URL: acme.apiUrl,
      SLACK_PORT: '0',
      PARLEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    },
  });
  listen();
});
afterAll(async () => {
  await under?.stop();
  await server?.close();
  await acme?.stop();
});

test('workspaces that install the app are answered, each with its own token, also after a restart', async () => {
  for (const workspace of [acme, globex])
    expect(await installApp(url(), workspace)).toMatchObject({ status: 200 });
  const ask = async (workspace: SlackDouble, text: string) => {
    const ada = workspace.person('Ada');
    const channel = workspace.channel(text, [ada]);
    workspace.mention(ada, channel, text);
    workspace.dm(ada, `${text}, in private`);
    const direct = workspace.directChannel(ada);
    for (const [place, words] of [
      [channel, text],
      [direct, `${text}, in private`],
    ] as const)
      await workspace.waitFor(() => workspace.shown(place).some((shown) => shown.includes(words)));
  };
  await Promise.all([ask(acme, 'from acme'), ask(globex, 'from globex')]);
  await under.restart();
  listen();
  await Promise.all([ask(acme, 'again from acme'), ask(globex, 'again from globex')]);
  expect(strayCalls([acme, globex])).toEqual([]);
});

test('a workspace that removes the app: what waits and what streams there ends, and others go on', async () => {
  const ada = acme.person('Ada');
  const leaving = acme.channel('leaving', [ada]);
  server.setScript(() => answer(LONG, { paceMs: 20 }));
  const asked = acme.mention(ada, leaving, 'talk');
  await acme.waitFor(() => acme.shown(leaving).some((text) => text.includes('word0')));
  const talking = server.requests.at(-1);
  for (const text of ['more', 'and more']) acme.mention(ada, leaving, text, { thread: asked.ts });
  await acme.delivered();
  acme.uninstall();
  await acme.delivered();
  server.setScript(rememberingScript);
  const bo = globex.person('Bo');
  const staying = globex.channel('staying', [bo]);
  globex.mention(bo, staying, 'still here?');
  await globex.waitFor(() => globex.shown(staying).some((text) => text.includes('still here?')));
  expect(await talking?.closed).toBe(false); // nobody reads on

  const turns = await under.readDatabase(
    `SELECT conversation.workspace, conversation.channel, state, failure_kind, attempt FROM turn
     JOIN conversation ON conversation.id = turn.conversation_id ORDER BY turn.id`,
  );
  const there = turns.filter(({ channel }) => channel === leaving.id);
  expect(there).toMatchObject(
    Array.from({ length: 3 }, () => ({ state: 'failed', failure_kind: 'delivery-failed' })),
  );
  expect(Math.max(...there.map(({ attempt }) => Number(attempt)))).toBeLessThanOrEqual(2);
  expect(turns.filter(({ channel }) => channel === staying.id)).toMatchObject([{ state: 'done' }]);

  await under.restart();
  const tables = await under.readDatabase(
    'SELECT (SELECT json_agg(turn) FROM turn) AS turns, (SELECT json_agg(installation) FROM installation) AS kept',
  );
  const everything = JSON.stringify(tables);
  expect(everything).toContain(globex.workspace.teamId);
  for (const token of [acme.botToken, globex.botToken]) expect(everything).not.toContain(token);
  expect(tables[0]?.['kept']).toHaveLength(1);
  expect(strayCalls([acme, globex])).toEqual([]);
});
