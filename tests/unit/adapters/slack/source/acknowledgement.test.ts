import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { signatureHeaders } from '../../../../doubles/slack/event-delivery.js';
import { connectSlack, type SlackSetup, type Transport } from '../slack-setup.js';

let setup: SlackSetup | undefined;
afterEach(() => setup?.stop());

async function connected(transport: Transport, options: Parameters<typeof connectSlack>[1] = {}) {
  setup = await connectSlack(transport, options);
  const ada = setup.slack.person('Ada');
  const general = setup.slack.channel('general', [ada]);
  return { ...setup, ada, general };
}

/** Resolves once `holds` is true, looking at every turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A promise, and what resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('trap: Bolt acknowledges events before it runs listeners', () => {
  test('over HTTP a failed enqueue answers 500, and Slack delivers again until it succeeds', async () => {
    const { slack, inbox, ada } = await connected('http');
    inbox.failures = 2;
    slack.dm(ada, 'hello');
    await slack.delivered();
    expect(slack.deliveries[0]?.attempts).toEqual([500, 500, 200]);
    expect(inbox.messages).toHaveLength(1);
  });

  test('over the socket a failed enqueue is not acknowledged, and Slack delivers again', async () => {
    const { slack, inbox, ada, log } = await connected('socket', { double: { ackTimeoutMs: 150 } });
    inbox.failures = 2;
    slack.dm(ada, 'hello');
    await slack.delivered();
    expect(slack.deliveries[0]?.attempts).toEqual(['timeout', 'timeout', 'acknowledged']);
    expect(inbox.messages).toHaveLength(1);
    expect(log.everything).not.toContain('hello');
  });

  test.each<Transport>(['socket', 'http'])(
    'nothing is acknowledged before the commit, over %s',
    async (transport) => {
      const { slack, inbox, ada } = await connected(transport);
      const commit = gate();
      const begun = gate();
      inbox.beforeAccept = () => {
        begun.open();
        return commit.opened;
      };
      slack.dm(ada, 'hello');
      await begun.opened;
      expect(slack.deliveries[0]?.state).toBe('waiting');
      commit.open();
      await slack.delivered();
      expect(slack.deliveries[0]).toMatchObject({
        state: 'delivered',
        attempts: [transport === 'http' ? 200 : 'acknowledged'],
      });
    },
  );

  test('both events of a mention fail and succeed together', async () => {
    const { slack, inbox, ada, general } = await connected('http');
    inbox.failures = 1;
    slack.mention(ada, general, 'hello');
    await slack.delivered();
    expect(slack.deliveries.map((delivery) => delivery.state)).toEqual(['delivered', 'delivered']);
    expect(inbox.messages).toHaveLength(1);
  });
});

describe('trap: each Socket Mode disconnect leaves a gap', () => {
  test.each(['warning', 'refresh_requested'] as const)(
    'no event waits while Slack asks with %s',
    async (reason) => {
      const { slack, inbox, ada } = await connected('socket');
      await slack.waitFor(() => slack.socket.connections.length === 2);
      slack.socket.askToReconnect(reason);
      for (let i = 0; i < 20; i++) {
        slack.dm(ada, `message ${i}`);
        await slack.delivered();
      }
      await slack.waitFor(() => slack.socket.opened >= 4 && slack.socket.connections.length === 2);
      expect(inbox.messages).toHaveLength(20);
      expect(slack.deliveries.flatMap((delivery) => delivery.attempts)).toEqual(
        Array(20).fill('acknowledged'),
      );
    },
  );

  test('one connection cut: the other one takes what comes, and a new one is opened', async () => {
    const { slack, inbox, ada } = await connected('socket');
    await slack.waitFor(() => slack.socket.connections.length === 2);
    slack.socket.cut(0);
    await slack.waitFor(() => slack.socket.connections.length === 1);
    slack.dm(ada, 'during the gap');
    await slack.delivered();
    expect(inbox.messages).toHaveLength(1);
    await slack.waitFor(() => slack.socket.connections.length === 2);
  });

  test('both cut with an event on its way: it comes again, once', async () => {
    const { slack, inbox, ada } = await connected('socket', { double: { retryDelaysMs: [500, 500, 500] } });
    await slack.waitFor(() => slack.socket.connections.length === 2);
    const commit = gate();
    inbox.beforeAccept = () => commit.opened;
    slack.dm(ada, 'on its way');
    await until(() => inbox.accepts === 1);
    slack.socket.cut();
    await slack.waitFor(() => slack.deliveries[0]?.attempts.length === 1);
    commit.open();
    await slack.delivered();
    expect(slack.deliveries[0]?.attempts).toEqual(['closed', 'acknowledged']);
    expect(inbox.messages).toHaveLength(1);
  });
});

describe('trap: a notice over the socket or a failed reconnect ends Node', () => {
  async function unhandled(): Promise<unknown[]> {
    const seen: unknown[] = [];
    const note = (reason: unknown) => seen.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    return seen;
  }

  test('app_rate_limited is reported, and nothing breaks', async () => {
    const seen = await unhandled();
    const { slack, inbox, ada, log } = await connected('socket');
    const notice = {
      type: 'app_rate_limited',
      team_id: 'T0PARLEY',
      minute_rate_limited: 1,
      api_app_id: 'A0PARLEY',
    };
    slack.socket.sendRaw(JSON.stringify({ envelope_id: 'e1', type: 'events_api', payload: notice }));
    slack.socket.sendRaw(JSON.stringify(notice));
    slack.socket.sendRaw('{ not json');
    slack.socket.sendRaw('null');
    slack.dm(ada, 'still here');
    await slack.delivered();
    expect(inbox.messages).toHaveLength(1);
    expect(log.errors.join()).toContain('30,000');
    expect(seen).toEqual([]);
  });

  test('Slack gives no address for a while: it is tried again until it does', async () => {
    const seen = await unhandled();
    const { slack, inbox, ada, adapter } = await connected('socket');
    await slack.waitFor(() => slack.socket.connections.length === 2);
    slack.fail('apps.connections.open', { type: 'status', status: 503 }, 2);
    slack.fail('apps.connections.open', { type: 'error', error: 'internal_error' }, 1);
    slack.socket.cut();
    await slack.waitFor(() => slack.socket.connections.length === 0);
    await slack.waitFor(() => slack.socket.connections.length === 2);
    slack.dm(ada, 'back again');
    await slack.delivered();
    expect(inbox.messages).toHaveLength(1);
    expect(adapter.status().state).toBe('connected');
    expect(seen).toEqual([]);
  });

  test('a refused app token is reported, and the process lives on', async () => {
    const seen = await unhandled();
    const { adapter, log } = await connected('socket', {
      adapter: { receiver: { mode: 'socket', appToken: 'xapp-wrong' } },
    });
    expect(adapter.status()).toMatchObject({ state: 'unauthorized' });
    expect(adapter.status().detail).toContain('SLACK_APP_TOKEN (invalid_auth)');
    expect(log.everything).not.toContain('xapp-wrong');
    expect(seen).toEqual([]);
  });
});

describe('requests that Slack did not send', () => {
  const body = JSON.stringify({ type: 'url_verification', challenge: 'prove it' });

  async function post(headers: Record<string, string>, content = body, path = '/slack/events') {
    const { adapter } = setup as SlackSetup;
    const url = `http://127.0.0.1:${adapter.status().port}${path}`;
    const type = { 'content-type': 'application/json' };
    return fetch(url, { method: 'POST', headers: { ...type, ...headers }, body: content });
  }

  test('a good signature is taken, a bad one, a stale one and none are 401', async () => {
    const { slack } = await connected('http');
    const secret = slack.signingSecret;
    const good = await post(signatureHeaders(secret, body));
    expect([good.status, await good.json()]).toEqual([200, { challenge: 'prove it' }]);
    expect((await post(signatureHeaders('another secret', body))).status).toBe(401);
    expect((await post(signatureHeaders(secret, `${body} `))).status).toBe(401);
    const longAgo = Math.floor(Date.now() / 1000) - 6 * 60;
    expect((await post(signatureHeaders(secret, body, longAgo))).status).toBe(401);
    expect((await post({})).status).toBe(401);
  });

  test('malformed JSON is 400, a body too large 413, another path 404', async () => {
    const { slack, inbox, ada } = await connected('http');
    const secret = slack.signingSecret;
    expect((await post(signatureHeaders(secret, '{ "type"'), '{ "type"')).status).toBe(400);
    expect((await post(signatureHeaders(secret, 'null'), 'null')).status).toBe(400);
    const longest = 'x'.repeat(1_000_000);
    expect((await post(signatureHeaders(secret, longest), longest)).status).toBe(400);
    const large = `${longest}x`;
    expect((await post(signatureHeaders(secret, large), large)).status).toBe(413);
    expect((await post({}, body, '/elsewhere')).status).toBe(404);
    slack.dm(ada, 'still here');
    await slack.delivered();
    expect(inbox.messages).toHaveLength(1);
  });

  test('a port that is taken stops the start with its name', async () => {
    const { adapter } = await connected('http');
    const { port } = adapter.status();
    const second = connectSlack('http', {
      adapter: { receiver: { mode: 'http', signingSecret: 's', port, host: '127.0.0.1' } },
    });
    await expect(second).rejects.toMatchObject({
      kind: 'setup',
      message: expect.stringContaining(`SLACK_PORT ${port}`),
    });
  });
});

describe('starting and stopping', () => {
  test.each(['token_revoked', 'account_inactive'])(
    '%s is said clearly, and nothing crashes',
    async (code) => {
      const slackSetup = await connected('socket');
      await slackSetup.adapter.stop();
      slackSetup.slack.revokeToken(code);
      setup = await connectSlack('socket', {
        adapter: { apiUrl: slackSetup.slack.apiUrl },
      });
      expect(setup.adapter.status()).toMatchObject({ state: 'unauthorized' });
      expect(setup.log.errors.join()).toContain(`SLACK_BOT_TOKEN (${code})`);
      expect(setup.log.everything).not.toContain(slackSetup.slack.botToken);
      await slackSetup.slack.stop();
    },
  );

  test.each(['tokens_revoked', 'app_uninstalled'])(
    'the event %s marks the installation dead',
    async (type) => {
      const { slack, adapter } = await connected('http');
      slack.event({ type, tokens: { bot: ['U0PARLEYBOT'] }, event_ts: '1.0' });
      await slack.delivered();
      expect(adapter.status().state).toBe('unauthorized');
    },
  );

  test('Slack out of reach at the start: the adapter goes on trying and connects', async () => {
    const clock = new FakeClock();
    const { slack } = await connected('http');
    slack.fail('auth.test', { type: 'status', status: 503 }, 2);
    const starting = connectSlack('socket', { adapter: { apiUrl: slack.apiUrl, clock } });
    await until(() => slack.callsTo('auth.test').length === 2 && clock.sleeping === 2);
    await clock.advance(1_000);
    await until(() => slack.callsTo('auth.test').length === 3 && clock.sleeping === 2);
    await clock.advance(2_000);
    const second = await starting;
    expect(second.adapter.status().state).toBe('connected');
    await second.stop();
  });

  test('stop lets what is under way be acknowledged, and may be called twice', async () => {
    const { slack, inbox, ada, adapter } = await connected('socket');
    const commit = gate();
    inbox.beforeAccept = () => commit.opened;
    slack.dm(ada, 'last words');
    await until(() => inbox.accepts === 1);
    const stopping = Promise.all([adapter.stop(), adapter.stop()]);
    commit.open();
    await stopping;
    await slack.delivered();
    expect(slack.deliveries[0]?.attempts).toEqual(['acknowledged']);
    expect(adapter.status().state).toBe('stopped');
    expect(slack.socket.connections).toEqual([]);
  });
});
