import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { strayCalls } from '../../../../doubles/slack/stray-calls.js';
import { final, streaming } from '../delivery/open-delivery.js';
import { ask, openWorkspaces } from './open-workspaces.js';

const { open, database } = openWorkspaces();
const signal = new AbortController().signal;

describe('several workspaces', () => {
  test('each is answered with the token of its own installation, and no call carries another', async () => {
    const { acme, globex, inbox, log, install, delivery } = await open();
    expect(await install(acme)).toMatchObject({ status: 200 });
    expect(await install(globex)).toMatchObject({ status: 200 });
    expect(acme.botToken).not.toBe(globex.botToken);
    const worker = delivery();
    const asked = [await ask(acme, inbox, 'one'), await ask(globex, inbox, 'two')];
    await Promise.all(
      asked.map(async ({ target }, turnId) => {
        await worker.showWorking(target, signal);
        let posted = await worker.post(target, streaming('Once', { turnId }), signal);
        posted = await worker.edit(target, posted, streaming('Once upon', { turnId }), signal);
        await worker.edit(target, posted, final('Once upon a time.', { turnId }), signal);
        await worker.callAttention(target, turnId, posted, signal);
      }),
    );
    for (const [index, workspace] of [acme, globex].entries()) {
      const channel = asked[index]?.channel;
      expect(channel && workspace.shown(channel)[0]).toBe('Once upon a time.');
    }
    expect(strayCalls([acme, globex])).toEqual([]);
    const teams = new Set(acme.calls.filter(({ result }) => result === 'ok').map(({ team }) => team));
    expect(teams).toEqual(new Set([acme.workspace.teamId, globex.workspace.teamId, null]));
    expect(inbox.messages.map(({ author }) => author.name)).toEqual(['Ada', 'Ada']);
    for (const secret of [acme.botToken, globex.botToken, acme.client.clientSecret])
      expect(log.everything).not.toContain(secret);
  });

  test('a command and a button are answered for their own workspace', async () => {
    const { acme, globex, inbox, install } = await open();
    await install(acme);
    await install(globex);
    const bo = globex.person('Bo');
    const channel = globex.channel('general', [bo]);
    globex.slashCommand(bo, channel, 'settings');
    await globex.delivered();
    expect(inbox.commands).toMatchObject([
      { name: 'settings', address: { workspace: globex.workspace.teamId }, author: { name: 'Bo' } },
    ]);
    const users = acme.callsTo('users.info');
    expect(users.map(({ token, result }) => ({ token, result }))).toEqual([
      { token: globex.botToken, result: 'ok' },
    ]);
  });

  test('an event of a workspace without the app is acknowledged, and nothing else happens', async () => {
    const { acme, globex, inbox, install } = await open();
    await install(acme);
    const bo = globex.person('Bo');
    globex.mention(bo, globex.channel('general', [bo]), 'hello');
    await globex.delivered();
    expect(acme.deliveries.map(({ attempts }) => attempts)).toEqual([[200], [200]]);
    expect(inbox.messages).toEqual([]);
  });

  test('an organisation’s token answers in each of its workspaces, and is told apart from a team’s', async () => {
    const { acme, inbox, install, delivery, store } = await open();
    const [east, west] = [acme.addWorkspace('East', 'E0ORG'), acme.addWorkspace('West', 'E0ORG')];
    await install(acme);
    expect(await install(east, [east, west])).toMatchObject({ status: 200 });
    expect(await store.list('slack')).toMatchObject([
      { workspace: acme.workspace.teamId },
      { workspace: 'E0ORG' },
    ]);
    const worker = delivery();
    for (const workspace of [east, west, acme]) {
      const { target, channel } = await ask(workspace, inbox);
      await worker.post(target, final('Here.', { turnId: inbox.messages.length }), signal);
      expect(workspace.shown(channel)).toEqual(['Here.']);
      expect(target.installation).toBe(workspace === acme ? undefined : 'E0ORG');
    }
    expect(strayCalls([acme, east, west])).toEqual([]);
    west.uninstall();
    await west.delivered();
    expect(inbox.abandoned).toContainEqual({ platform: 'slack', app: 'A0PARLEY', installation: 'E0ORG' });
    expect(await store.list('slack')).toMatchObject([{ workspace: acme.workspace.teamId }]);
  });

  test('a worker without an installation for a place says so, and asks Slack nothing', async () => {
    const { acme, globex, inbox, install, delivery } = await open();
    await install(globex);
    const { target } = await ask(globex, inbox);
    const before = acme.calls.length;
    const post = delivery().post({ ...target, team: 'T0NOBODY' }, final('Hello'), signal);
    await expect(post).rejects.toMatchObject({
      kind: 'delivery-failed',
      reason: 'unauthorized',
      retryable: false,
    });
    expect(acme.calls.length).toBe(before);
  });
});

describe('a workspace that removes the app', () => {
  test('is forgotten with its token, its turns end, and the others go on', async () => {
    const { acme, globex, inbox, install, delivery, store } = await open();
    await install(acme);
    await install(globex);
    const gone = await ask(acme, inbox);
    const stays = await ask(globex, inbox);
    acme.uninstall();
    await acme.delivered();
    expect(await store.list('slack')).toMatchObject([{ workspace: globex.workspace.teamId }]);
    expect(inbox.abandoned[0]).toEqual({ platform: 'slack', app: 'A0PARLEY', team: acme.workspace.teamId });
    const worker = delivery();
    await expect(worker.post(gone.target, final('Late'), signal)).rejects.toMatchObject({
      reason: 'unauthorized',
      retryable: false,
    });
    await worker.post(stays.target, final('Fine.'), signal);
    expect(globex.shown(stays.channel)).toEqual(['Fine.']);
  });

  test('is forgotten also where the database was away at the first try', async () => {
    const { acme, inbox, install, store } = await open();
    await install(acme);
    inbox.failures = 1;
    acme.uninstall();
    await acme.delivered();
    expect(await store.list('slack')).toEqual([]);
    expect(inbox.abandoned.length).toBeGreaterThan(0);
  });

  test('keeps its installation where only people’s tokens were revoked', async () => {
    const { acme, inbox, install, store } = await open();
    await install(acme);
    acme.event({ type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: [] } });
    await acme.delivered();
    expect(await store.list('slack')).toHaveLength(1);
    expect(inbox.abandoned).toEqual([]);
  });

  test('and installs it again is answered with the new token; the old event, told late, changes nothing', async () => {
    const { acme, inbox, install, delivery, store } = await open();
    await install(acme);
    const { target, channel } = await ask(acme, inbox);
    const worker = delivery();
    const posted = await worker.post(target, final('First'), signal);
    acme.uninstall();
    await acme.delivered();
    const uninstalled = acme.deliveries.find(({ payload }) =>
      JSON.stringify(payload).includes('app_uninstalled'),
    );
    await install(acme);
    await database().pool.query("UPDATE installation SET installed_at = now() + interval '1 minute'");
    if (uninstalled) acme.redeliver(uninstalled);
    await acme.delivered();
    expect(await store.list('slack')).toHaveLength(1);
    // The worker remembers the old token: it finds the new one at the next try.
    const edit = () => worker.edit(target, posted, final('Second'), signal);
    await expect(edit()).rejects.toMatchObject({ reason: 'unavailable', retryable: true });
    await edit();
    expect(acme.shown(channel)).toEqual(['Second']);
  });

  test('unheard is noticed by a worker whose call is refused; a refusal that may mend keeps the installation', async () => {
    const { acme, inbox, install, delivery, store } = await open();
    await install(acme);
    const { target } = await ask(acme, inbox);
    const worker = delivery();
    acme.revokeToken('invalid_auth');
    await expect(worker.post(target, final('Hello'), signal)).rejects.toMatchObject({
      reason: 'unauthorized',
    });
    expect(await store.list('slack')).toHaveLength(1);
    acme.revokeToken('token_revoked');
    await expect(worker.post(target, final('Hello'), signal)).rejects.toMatchObject({
      reason: 'unauthorized',
    });
    expect(await store.list('slack')).toEqual([]);
    expect(inbox.abandoned).toHaveLength(1);
  });
});

describe('what a process knows of installations', () => {
  test('is read once for many calls, and again after half a minute', async () => {
    const clock = new FakeClock();
    const { acme, install, newInstallations } = await open({ clock });
    await install(acme);
    const { appId: app, teamId: team } = acme.workspace;
    const known = newInstallations();
    const first = acme.botToken;
    expect(await known.token({ app, team })).toBe(first);
    await install(acme);
    expect(acme.botToken).not.toBe(first);
    await clock.advance(29_000);
    expect(await known.token({ app, team })).toBe(first);
    await clock.advance(2_000);
    expect(await known.token({ app, team })).toBe(acme.botToken);
  });

  test('cannot be read with another key: the turn is left to a worker that has it, and the log names the key', async () => {
    const { acme, inbox, install, log } = await open({ keys: [Buffer.alloc(32, 1).toString('base64')] });
    await install(acme);
    const { target } = await ask(acme, inbox);
    const other = await openOther();
    const post = other.delivery().post(target, final('Hello'), signal);
    await expect(post).rejects.toMatchObject({ kind: 'setup', retryable: true });
    expect(other.log.everything).toMatch(
      /encrypted with key [0-9a-f]{8}, which is not in PARLEY_ENCRYPTION_KEY/,
    );
    expect(log.everything).not.toContain(acme.botToken);

    async function openOther() {
      const { rows } = await database().pool.query('SELECT * FROM installation');
      const opened = await open({ keys: [Buffer.alloc(32, 2).toString('base64')] });
      for (const row of rows)
        await database().pool.query(
          'INSERT INTO installation SELECT * FROM jsonb_populate_record(NULL::installation, $1::jsonb)',
          [JSON.stringify(row)],
        );
      return opened;
    }
  });
});
